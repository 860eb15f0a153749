"""The catalogues: one file per language, shared by the phone and the server. The message id is the English sentence."""
