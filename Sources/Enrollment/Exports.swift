// Who enrols photos needs the engine, too.
@_exported public import Gallery
