"""Pictures that staff upload: checked, stored without metadata, and made smaller for the pages."""
