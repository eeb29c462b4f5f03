"""The bundled plugins of embkit, one package a family, one module a component."""
