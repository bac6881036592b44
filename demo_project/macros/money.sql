{% macro euros(cents) %}ROUND({{ cents }} / 100.0, 2){% endmacro %}
