public import Concurrency
public import FaceImage

extension PhotoEncoder {
    /// Every face of a photo with its template, found on a thread of `workers`.
    ///
    /// - Throws: as the call that blocks; `CancellationError`: a photo that is being decoded is decoded to its end.
    public func faces(in photo: PhotoSource, on workers: Workers) async throws -> [EncodedFace] {
        try await workers.run { [self] _ in try faces(in: photo) }
    }

    /// Every face of a photo with its template, the largest first, doubtful ones last; empty if none is found.
    ///
    /// - Throws: `.photo` where the photo cannot be read or decoded.
    public func faces(in photo: PhotoSource) throws(GalleryError) -> [EncodedFace] {
        try faces(in: try read(photo))
    }

    /// Reads a photo within the encoder's limits.
    ///
    /// - Throws: `.photo`.
    public func read(_ photo: PhotoSource) throws(GalleryError) -> PhotoFile {
        try wrap { () throws(PhotoError) in
            try PhotoFile(photo, limits: limits, shouldStop: shouldStop)
        }
    }
}
