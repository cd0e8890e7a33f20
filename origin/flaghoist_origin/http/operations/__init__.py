"""The API as an OpenAPI document: what routes promise is declared beside them, and the document is made from that."""
