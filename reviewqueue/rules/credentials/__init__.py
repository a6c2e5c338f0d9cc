"""Credentials hunted for, or left where others find them."""
