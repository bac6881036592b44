{% macro euros(cents) %}ROUND({{ cents }} / 100.0, 1){% endmacro %}
