"""The API as an OpenAPI document, generated from declarations beside the routes."""
