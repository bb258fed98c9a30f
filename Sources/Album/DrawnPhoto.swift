public import FaceImage
import Gallery

/// A copy of a photo with a box around each face and a label that says who it is.
///
/// Boxes have a dark and a light line and labels a ground of their own, so both are readable on any photo; their size
/// follows the photo's.
public struct DrawnPhoto {
    private var canvas: Canvas
    private let lineWidth: Int
    private let textSize: Int

    /// Draws the faces of a photo.
    ///
    /// O(pixels).
    public init(_ photo: Photo, _ identified: IdentifiedPhoto) {
        canvas = Canvas(photo)
        let longer = max(photo.width, photo.height)
        lineWidth = max(1, longer / 400)
        textSize = min(200, max(11, longer / 45))
        for face in identified.faces { drawBox(face) }
        // Above all boxes, which would cross them.
        for face in identified.faces { drawLabel(face) }
    }

    /// The picture as a JPEG file; nil if libvips makes none.
    public func jpeg(named name: String) -> [UInt8]? { canvas.photo(named: name).jpeg(quality: 92) }

    private func colour(of answer: Answer) -> Colour {
        switch (answer.decision, answer.certainty) {
        case (.match, .close): .closeMatch
        case (.match, _): .match
        case (.ambiguous, _), (.review, _), (.unknown, .perhaps): .uncertain
        case (.unknown, _): .unknown
        }
    }

    private mutating func drawBox(_ face: IdentifiedFace) {
        let box = face.face.box
        canvas.frame(box.grown(by: lineWidth), lineWidth, .dark)
        canvas.frame(box, lineWidth, colour(of: face.answer))
    }

    private mutating func drawLabel(_ face: IdentifiedFace) {
        let answer = face.answer
        var text = answer.words
        if answer.certainty == .perhaps, let first = answer.candidates.first {
            text = "perhaps \(first.subject)"
        }
        if let first = answer.candidates.first, text != "unknown" {
            text += " " + Self.digits(first.similarity)
        }
        // A name of any length must not cover the photo.
        if text.count > 40 { text = text.prefix(39) + "…" }
        guard var label = TextPicture(text, size: textSize) else { return }
        let (padding, box) = (max(2, textSize / 4), face.face.box)
        let room = canvas.width - 2 * padding
        if label.width > room, let smaller = TextPicture(text, size: max(7, textSize * room / label.width)) {
            label = smaller
        }
        let (width, height) = (label.width + 2 * padding, label.height + 2 * padding)
        let above = box.y - height - 2 * lineWidth
        // Above the face; below it where there is no room; and within the photo in any case.
        let y = above >= 0 ? above : min(box.y + box.height + 2 * lineWidth, canvas.height - height)
        let x = max(0, min(box.x - lineWidth, canvas.width - width))
        let ground = FaceBox(x: x, y: max(0, y), width: width, height: height)
        canvas.fill(ground, .dark)
        canvas.fill(FaceBox(x: x, y: max(0, y), width: max(2, padding / 2), height: height), colour(of: answer))
        canvas.stamp(label, x: x + padding, y: max(0, y) + padding, .white)
    }

    private static func digits(_ similarity: Float) -> String {
        let hundredths = Int((abs(Double(similarity)) * 100).rounded())
        return (similarity < 0 && hundredths > 0 ? "-" : "")
            + "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}

extension FaceBox {
    fileprivate func grown(by pixels: Int) -> FaceBox {
        FaceBox(x: x - pixels, y: y - pixels, width: width + 2 * pixels, height: height + 2 * pixels)
    }
}

/// Red, green and blue, 0…255.
struct Colour: Sendable, Equatable {
    let red: UInt8
    let green: UInt8
    let blue: UInt8

    static let match = Colour(red: 60, green: 220, blue: 110)
    static let closeMatch = Colour(red: 170, green: 220, blue: 60)
    static let uncertain = Colour(red: 255, green: 180, blue: 40)
    static let unknown = Colour(red: 190, green: 190, blue: 200)
    static let dark = Colour(red: 20, green: 22, blue: 28)
    static let white = Colour(red: 255, green: 255, blue: 255)
}

/// Pixels to draw on; what lies beyond the edges is left out.
struct Canvas {
    let width: Int
    let height: Int
    private(set) var pixels: [UInt8]

    init(_ photo: Photo) { (width, height, pixels) = (photo.width, photo.height, photo.pixels) }

    func photo(named name: String) -> Photo { Photo(name: name, width: width, height: height, pixels: pixels) }

    /// Fills a rectangle.
    mutating func fill(_ box: FaceBox, _ colour: Colour) {
        let columns = max(0, box.x)..<max(0, box.x, min(width, box.x + box.width))
        for row in max(0, box.y)..<max(0, box.y, min(height, box.y + box.height)) {
            for column in columns { set(column, row, colour, 255) }
        }
    }

    /// Draws the edges of a rectangle, inwards.
    mutating func frame(_ box: FaceBox, _ line: Int, _ colour: Colour) {
        let (right, bottom) = (box.x + box.width, box.y + box.height)
        fill(FaceBox(x: box.x, y: box.y, width: box.width, height: line), colour)
        fill(FaceBox(x: box.x, y: bottom - line, width: box.width, height: line), colour)
        fill(FaceBox(x: box.x, y: box.y, width: line, height: box.height), colour)
        fill(FaceBox(x: right - line, y: box.y, width: line, height: box.height), colour)
    }

    /// Puts text in a colour onto the picture.
    mutating func stamp(_ text: TextPicture, x: Int, y: Int, _ colour: Colour) {
        for row in 0..<text.height where (0..<height).contains(y + row) {
            for column in 0..<text.width where (0..<width).contains(x + column) {
                set(x + column, y + row, colour, text.ink[row * text.width + column])
            }
        }
    }

    private mutating func set(_ column: Int, _ row: Int, _ colour: Colour, _ ink: UInt8) {
        let place = 3 * (row * width + column)
        let (new, old) = (Int(ink), 255 - Int(ink))
        func mixed(_ under: UInt8, _ over: UInt8) -> UInt8 {
            let sum: Int = Int(under) * old + Int(over) * new
            return UInt8((sum + 127) / 255)
        }
        pixels[place] = mixed(pixels[place], colour.red)
        pixels[place + 1] = mixed(pixels[place + 1], colour.green)
        pixels[place + 2] = mixed(pixels[place + 2], colour.blue)
    }
}
