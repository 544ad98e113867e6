from typing import Any

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils.translation import override


def compiled(text: str) -> Template:
    return Template("{% load i18n kept %}" + text)


def test_a_part_is_rendered_once_for_each_language(settings: Any) -> None:
    template = compiled("{% kept %}{% translate 'Cart' %} {% now 'u' %}{% endkept %}")
    english = template.render(Context())
    assert template.render(Context()) == english
    with override("ru"):
        russian = template.render(Context())
        assert template.render(Context()) == russian
    assert (english[:4], russian[:7]) == ("Cart", "Корзина")
    assert template.render(Context()) == english
    settings.DEBUG = True
    assert template.render(Context()) != english


def test_another_object_in_a_variable_is_shown_at_once() -> None:
    template = compiled("{% kept names %}{{ names.0 }}{% endkept %}, {{ names.0 }}")
    assert template.render(Context({"names": ["<Mug>"]})) == "&lt;Mug&gt;, &lt;Mug&gt;"
    assert template.render(Context({"names": ["Cup"]})) == "Cup, Cup"
    assert template.render(Context({"names": ["<Mug>"]})) == "&lt;Mug&gt;, &lt;Mug&gt;"


def test_a_variable_may_be_a_function_as_in_a_context_processor() -> None:
    template = compiled("{% kept name %}{{ name }}{% now 'u' %}{% endkept %}")
    first = template.render(Context({"name": lambda: "Mug"}))
    assert first.startswith("Mug")
    assert template.render(Context({"name": lambda: "Mug"})) == first


def test_a_part_does_not_see_other_variables() -> None:
    template = compiled("{% with a=1 %}{% kept b %}{{ a }}{{ b }}{{ c }}{% endkept %}{% endwith %}")
    assert template.render(Context({"b": 2, "c": 3})) == "2"


def test_a_part_has_no_block() -> None:
    with pytest.raises(TemplateSyntaxError, match="has a block"):
        compiled("{% kept %}{% if 1 %}{% block main %}{% endblock %}{% endif %}{% endkept %}")
