// Written with the module's first type.
