import Gallery

/// Makes galleries of given templates.
enum FaceGalleryMaker {
    static func make(at path: String) throws {
        try FaceGallery.create(at: path, dimension: RunningService.dimension)
    }
}
