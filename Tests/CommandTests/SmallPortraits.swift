import FaceImage
import Foundation

/// Many small photos out of the sample portraits, no two with the same bytes.
enum SmallPortraits {
    private static let portraits = ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg"]

    /// Writes `count` photos of about 200 pixels into folders by person; returns how many.
    static func write(_ count: Int, into folder: String) throws -> Int {
        let photos = try portraits.map { name in (name, try reduced(Photo(.path(Facegallery.portrait(name))))) }
        for index in 0..<count {
            let (name, photo) = photos[index % photos.count]
            let person = "\(folder)/\(name == "biden.jpg" ? "Joe Biden" : "Barack Obama")"
            try FileManager.default.createDirectory(atPath: person, withIntermediateDirectories: true)
            // A comment makes each file another one with the same picture.
            let bytes = Array("P6\n# photo \(index)\n\(photo.width) \(photo.height) 255\n".utf8) + photo.pixels
            try Data(bytes).write(to: URL(fileURLWithPath: "\(person)/\(index).ppm"))
        }
        return count
    }

    /// Every n-th pixel of a photo, so that it is about 300 pixels wide.
    static func reduced(_ photo: Photo) -> Photo {
        let step = max(1, photo.width / 300)
        let (width, height) = (photo.width / step, photo.height / step)
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let start = 3 * (y * step * photo.width + x * step)
                pixels += photo.pixels[start..<start + 3]
            }
        }
        return Photo(name: photo.name, width: width, height: height, pixels: pixels)
    }

    /// Writes one photo that shows two portraits side by side.
    static func writePair(_ left: String, _ right: String, to path: String) throws {
        let photos = try [left, right].map { try reduced(Photo(.path(Facegallery.portrait($0)))) }
        let (width, height) = (photos.reduce(0) { $0 + $1.width }, photos.map(\.height).max() ?? 0)
        var bytes = Array("P6\n\(width) \(height) 255\n".utf8)
        for y in 0..<height {
            for photo in photos {
                let row = 3 * y * photo.width..<3 * (y + 1) * photo.width
                bytes += y < photo.height ? Array(photo.pixels[row]) : [UInt8](repeating: 128, count: row.count)
            }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}
