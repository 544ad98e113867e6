from store.admin import collections, items, pages, shop

__all__ = ["collections", "items", "pages", "shop"]
