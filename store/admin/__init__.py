from store.admin import items, pages, shop

__all__ = ["items", "pages", "shop"]
