import FaceImage
import Foundation

/// The photo with every pixel taken, bilinearly, from where `source` says; black outside.
private func resampled(
    _ photo: Photo, width: Int, height: Int, source: (Double, Double) -> (Double, Double)
) -> Photo {
    var pixels = [UInt8](repeating: 0, count: 3 * width * height)
    for row in 0..<height {
        for column in 0..<width {
            let (x, y) = source(Double(column) + 0.5, Double(row) + 0.5)
            let (left, top) = (Int((x - 0.5).rounded(.down)), Int((y - 0.5).rounded(.down)))
            guard left >= -1, top >= -1, left < photo.width, top < photo.height else { continue }
            let (a, b) = (x - 0.5 - Double(left), y - 0.5 - Double(top))
            let (l, r) = (max(left, 0), min(left + 1, photo.width - 1))
            let (t, u) = (max(top, 0) * photo.width, min(top + 1, photo.height - 1) * photo.width)
            for channel in 0..<3 {
                func value(_ at: Int) -> Double { Double(photo.pixels[3 * at + channel]) }
                let upper = value(t + l) * (1 - a) + value(t + r) * a
                let lower = value(u + l) * (1 - a) + value(u + r) * a
                pixels[3 * (row * width + column) + channel] = UInt8(upper * (1 - b) + lower * b + 0.5)
            }
        }
    }
    return Photo(name: photo.name, width: width, height: height, pixels: pixels)
}

/// The photo `factor` times as large; halved first as often as that keeps detail from flickering.
func scaled(_ photo: Photo, by factor: Double) -> Photo {
    if factor <= 0.5 {
        let half = resampled(photo, width: photo.width / 2, height: photo.height / 2) { (2 * $0, 2 * $1) }
        return scaled(half, by: 2 * factor)
    }
    let width = Int(Double(photo.width) * factor)
    let height = Int(Double(photo.height) * factor)
    return resampled(photo, width: width, height: height) { ($0 / factor, $1 / factor) }
}

/// The photo with every pixel `times` as wide and as high.
func enlarged(_ photo: Photo, times: Int) -> Photo {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(photo.pixels.count * times * times)
    for row in 0..<photo.height {
        var wide: [UInt8] = []
        for column in 0..<photo.width {
            let at = 3 * (row * photo.width + column)
            for _ in 0..<times { wide += photo.pixels[at..<at + 3] }
        }
        for _ in 0..<times { pixels += wide }
    }
    return Photo(name: photo.name, width: photo.width * times, height: photo.height * times, pixels: pixels)
}

/// The photo as a mirror shows it.
func mirror(_ photo: Photo) -> Photo {
    resampled(photo, width: photo.width, height: photo.height) { (Double(photo.width) - $0, $1) }
}

/// The photo turned clockwise about its centre.
func turned(_ photo: Photo, degrees: Double) -> Photo {
    let (sine, cosine) = (sin(degrees * .pi / 180), cos(degrees * .pi / 180))
    let (middleX, middleY) = (Double(photo.width) / 2, Double(photo.height) / 2)
    return resampled(photo, width: photo.width, height: photo.height) { x, y in
        let (dx, dy) = (x - middleX, y - middleY)
        return (middleX + cosine * dx + sine * dy, middleY - sine * dx + cosine * dy)
    }
}

/// Two photos side by side on grey.
func beside(_ left: Photo, _ right: Photo) -> Photo {
    let (width, height) = (left.width + right.width, max(left.height, right.height))
    var pixels = [UInt8](repeating: 128, count: 3 * width * height)
    for (photo, offset) in [(left, 0), (right, left.width)] {
        for row in 0..<photo.height {
            let from = 3 * row * photo.width
            let to = 3 * (row * width + offset)
            pixels.replaceSubrange(to..<to + 3 * photo.width, with: photo.pixels[from..<from + 3 * photo.width])
        }
    }
    return Photo(name: left.name, width: width, height: height, pixels: pixels)
}

/// A part of a photo; the part lies within it.
func cropped(_ photo: Photo, _ part: FaceBox) -> Photo {
    var pixels: [UInt8] = []
    for row in part.y..<part.y + part.height {
        let start = 3 * (row * photo.width + part.x)
        pixels += photo.pixels[start..<start + 3 * part.width]
    }
    return Photo(name: photo.name, width: part.width, height: part.height, pixels: pixels)
}

/// A photo with another one over it, whose top left corner lies at `x`, `y`; all of it lies within the first.
func pasted(_ photo: Photo, onto below: Photo, x: Int, y: Int) -> Photo {
    var pixels = below.pixels
    for row in 0..<photo.height {
        let (from, to) = (3 * row * photo.width, 3 * ((y + row) * below.width + x))
        pixels.replaceSubrange(to..<to + 3 * photo.width, with: photo.pixels[from..<from + 3 * photo.width])
    }
    return Photo(name: below.name, width: below.width, height: below.height, pixels: pixels)
}

/// The photo turned clockwise by quarter turns, pixel for pixel.
func quarterTurned(_ photo: Photo, _ turns: Int) -> Photo {
    var result = photo
    for _ in 0..<turns {
        let (width, height) = (result.height, result.width)
        var pixels = [UInt8](repeating: 0, count: result.pixels.count)
        for row in 0..<result.height {
            for column in 0..<result.width {
                let from = 3 * (row * result.width + column)
                let to = 3 * (column * width + width - 1 - row)
                for channel in 0..<3 { pixels[to + channel] = result.pixels[from + channel] }
            }
        }
        result = Photo(name: photo.name, width: width, height: height, pixels: pixels)
    }
    return result
}
