from store.models.collection import Collection
from store.models.item import Item
from store.models.page import Page
from store.models.picture import Picture
from store.models.shop import Shop

__all__ = ["Collection", "Item", "Page", "Picture", "Shop"]
