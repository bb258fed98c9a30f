import FaceImage

/// A photo in which faces are known to be, or none.
struct FacePhoto: Sendable {
    /// A face as it was put there.
    struct Truth: Sendable {
        /// Its middle, in pixels of the photo.
        var x: Double, y: Double
        /// Pixels across.
        var width: Double
        /// Degrees clockwise by which it is turned.
        var roll = 0.0
    }

    var photo: Photo
    var faces: [Truth]
}

/// Photos made of portraits, for measuring finders.
///
/// A portrait is a square photo whose face is in the middle and takes 0.38 of its width, as in LFW (deep-funneled):
/// the mean of YuNet's boxes.
enum FaceSets {
    /// Width of a portrait's face, as a share of the photo's.
    static let share = 0.38
    /// How far below the photo's middle the face's middle is, as a share of the photo's width.
    static let drop = 0.03

    /// A portrait as it is.
    static func whole(_ photo: Photo) -> FacePhoto {
        let (width, height) = (Double(photo.width), Double(photo.height))
        return FacePhoto(
            photo: photo,
            faces: [FacePhoto.Truth(x: width / 2, y: height / 2 + drop * width, width: share * width)])
    }

    /// A portrait reduced so that its face is `width` pixels wide.
    static func small(_ photo: Photo, face width: Double) -> FacePhoto {
        whole(photo.resized(to: Int((width / share).rounded())))
    }

    /// The face alone: a square as wide as `part` of it, enlarged to the portrait's size.
    static func tight(_ photo: Photo, part: Double) -> FacePhoto {
        let side = Int(part * share * Double(photo.width))
        let left = (photo.width - side) / 2
        let top = (photo.height - side) / 2 + Int(drop * Double(photo.width))
        let crop = photo.cropped(x: left, y: top, side: side).resized(to: photo.width)
        let width = Double(photo.width)
        return FacePhoto(
            photo: crop, faces: [FacePhoto.Truth(x: width / 2, y: width / 2, width: width / part)])
    }

    /// Portraits beside and below each other, their faces `width` pixels wide, in a photo of `columns` times as many rows
    /// as it takes.
    static func group(_ photos: [Photo], columns: Int, face width: Double) -> FacePhoto {
        let side = Int((width / share).rounded())
        let rows = (photos.count + columns - 1) / columns
        var pixels = [UInt8](repeating: 0, count: 3 * columns * side * rows * side)
        var faces: [FacePhoto.Truth] = []
        for (i, photo) in photos.enumerated() {
            let tile = small(photo, face: width)
            let (x, y) = (i % columns * side, i / columns * side)
            for row in 0..<side {
                let at = 3 * ((y + row) * columns * side + x)
                pixels.replaceSubrange(
                    at..<at + 3 * side, with: tile.photo.pixels[3 * row * side..<3 * (row + 1) * side])
            }
            for var face in tile.faces {
                face.x += Double(x)
                face.y += Double(y)
                faces.append(face)
            }
        }
        let group = Photo(name: "group", width: columns * side, height: rows * side, pixels: pixels)
        return FacePhoto(photo: group, faces: faces)
    }

    /// A portrait turned clockwise by 90, 180 or 270 degrees.
    static func turned(_ photo: Photo, _ turns: Int) -> FacePhoto {
        var turned = whole(photo)
        for _ in 0..<turns {
            let photo = turned.photo
            turned.photo = photo.turned()
            turned.faces = turned.faces.map {
                FacePhoto.Truth(x: Double(photo.height) - $0.y, y: $0.x, width: $0.width, roll: $0.roll + 90)
            }
        }
        return turned
    }

    /// Nine corners of portraits, where no face is as a rule, enlarged three times.
    static func corners(_ photos: ArraySlice<Photo>) -> FacePhoto {
        let patches = photos.map { $0.cropped(x: 0, y: 0, side: $0.width / 5).resized(to: 3 * $0.width / 5) }
        guard let side = patches.first?.width else {
            return FacePhoto(photo: Photo(name: "corners", width: 1, height: 1, pixels: [0, 0, 0]), faces: [])
        }
        var pixels: [UInt8] = []
        for first in stride(from: 0, to: patches.count - 2, by: 3) {
            for row in 0..<side {
                for patch in patches[first..<first + 3] {
                    pixels += patch.pixels[3 * row * side..<3 * (row + 1) * side]
                }
            }
        }
        return FacePhoto(
            photo: Photo(
                name: "corners", width: 3 * side, height: pixels.count / (9 * side), pixels: pixels), faces: [])
    }
}

extension Photo {
    /// A square part that lies within the photo.
    func cropped(x: Int, y: Int, side: Int) -> Photo {
        var part: [UInt8] = []
        part.reserveCapacity(3 * side * side)
        for row in y..<y + side { part += pixels[3 * (row * width + x)..<3 * (row * width + x + side)] }
        return Photo(name: name, width: side, height: side, pixels: part)
    }

    /// A square photo of another size; as it is where that cannot be.
    func resized(to side: Int) -> Photo {
        guard let chip = try? stretched(toSide: side) else { return self }
        return Photo(name: name, width: side, height: side, pixels: chip.pixels)
    }

    /// The photo turned clockwise by 90 degrees.
    func turned() -> Photo {
        var turned: [UInt8] = []
        turned.reserveCapacity(pixels.count)
        for x in 0..<width {
            for y in stride(from: height - 1, through: 0, by: -1) {
                let at = 3 * (y * width + x)
                turned += pixels[at..<at + 3]
            }
        }
        return Photo(name: name, width: height, height: width, pixels: turned)
    }
}
