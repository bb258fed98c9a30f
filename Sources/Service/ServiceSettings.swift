package import FaceImage
package import Gallery
package import HTTPServer

/// How a service is set up.
package struct ServiceSettings: Sendable {
    /// Where the galleries are.
    package enum Place: Sendable, Equatable {
        /// One gallery, which is called by the name of its folder.
        case gallery(String)
        /// Every gallery in a folder.
        case folder(String)
    }

    /// Where the galleries are.
    package var place: Place
    /// The limits of the server itself.
    package var http = HTTPSettings()
    /// Bytes that the body of a request may have.
    package var bodyBytes = 32 << 20
    /// The largest photo that is decoded, in pixels, and how long that may take.
    package var decoding = DecodeLimits(bytes: 32 << 20)
    /// Faces that a photo may show.
    package var faces = 256
    /// Seconds that a search may take.
    package var searchSeconds = 30.0
    /// How faces are found, where not as the network's card has it.
    package var finding = FaceSearchChoice.standard
    /// The version that the service tells.
    package var version = "0"

    /// The default settings for galleries at a place.
    package init(_ place: Place) { self.place = place }
}
