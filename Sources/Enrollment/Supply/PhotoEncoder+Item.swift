package import FaceImage
package import Gallery

extension PhotoEncoder {
    /// Reads the photo at a path, or on standard input.
    package func read(_ item: PhotoItem) throws(GalleryError) -> PhotoFile {
        if let file = item.file { return file }
        if let problem = item.problem { throw .photo(.unreadable(name: item.path, reason: problem)) }
        let source: PhotoSource = item.path == "-" ? .standardInput : .path(item.path)
        do { return try PhotoFile(source, limits: limits, shouldStop: shouldStop) } catch {
            throw .photo(error)
        }
    }
}
