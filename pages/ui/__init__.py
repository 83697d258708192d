"""Parts that several pages share; nothing here knows a model or a data set by name."""
