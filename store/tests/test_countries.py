from django.utils import translation

from store.countries import country_name, sorted_countries


def test_countries_have_names_in_the_readers_language_in_alphabetical_order() -> None:
    few = ["AL", "AX", "DE", "AF"]
    names = [name for _code, name in sorted_countries(few)]
    assert names == ["Afghanistan", "Åland Islands", "Albania", "Germany"]
    assert country_name("DE") == "Germany"
    assert country_name("ZZ") == "ZZ"
    with translation.override("ru"):
        assert country_name("DE") == "Германия"
