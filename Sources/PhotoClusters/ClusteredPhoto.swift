/// A photo whose faces are among those that are grouped.
package struct ClusteredPhoto: Codable, Sendable, Equatable {
    /// A face that was found in it.
    package struct Found: Codable, Sendable, Equatable {
        /// The row of its template in the graph.
        package var row: Int
        /// Left, top, width and height in pixels of the upright photo.
        package var box: [Int]
        /// The finder's score.
        package var score: Double
        /// Whether it may well be no face; such a one is in no group.
        package var isDoubtful: Bool
    }

    /// SHA-256 of the file, 64 hexadecimal digits.
    package var digest: String
    /// Its path; of several copies that were met, the path that sorts first.
    package var path: String
    /// The faces, the largest first.
    package var faces: [Found]
}

/// A face with the number of its group.
package struct ClusteredFace: Sendable, Equatable {
    /// The group, from 1; nil where the face stands alone.
    package var cluster: Int?
    package var photo: String
    /// SHA-256 of the photo's file, 64 hexadecimal digits.
    package var digest: String
    package var face: ClusteredPhoto.Found
    /// Its place among the faces of its photo, from 0.
    package var number: Int

    /// The name of its picture.
    package var pictureName: String { Self.pictureName(digest, number) }

    static func pictureName(_ digest: String, _ number: Int) -> String { "\(digest.prefix(24))-\(number).png" }
}
