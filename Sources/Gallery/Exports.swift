// What the calls of the engine take and return: who imports the engine needs no further import.
@_exported public import Concurrency
@_exported public import FaceImage
@_exported public import GalleryModel
@_exported public import Network
