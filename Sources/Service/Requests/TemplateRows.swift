import Enrollment
import GalleryModel
import VectorFiles

/// The templates of a body, one after the other.
struct TemplateRows {
    /// A row, or why it cannot be searched.
    struct Row {
        /// Its number: from 0 for raw rows, from 1 for lines.
        let number: Int
        let content: Result<[Float], Fault>
    }

    struct Fault: Error {
        let reason: RefusalReason
        let text: String
    }

    private enum Source {
        case raw
        case lines
    }

    private let source: Source
    private let dimension: Int
    private var rest: ArraySlice<UInt8>
    private var number: Int

    /// Rows of little-endian float32; the body is whole rows.
    init(raw body: [UInt8], dimension: Int) {
        (source, self.dimension, rest, number) = (.raw, dimension, body[...], 0)
    }

    /// Lines of `{"embedding": […]}`.
    init(lines body: [UInt8], dimension: Int) {
        (source, self.dimension, rest, number) = (.lines, dimension, body[...], 1)
    }

    /// The next row that is not blank; nil at the end.
    mutating func next() throws(Problem) -> Row? {
        switch source {
        case .raw:
            guard !rest.isEmpty else { return nil }
            defer {
                rest = rest.dropFirst(4 * dimension)
                number += 1
            }
            return row(Self.floats(rest.prefix(4 * dimension)))
        case .lines:
            while !rest.isEmpty {
                let line = rest.prefix { $0 != UInt8(ascii: "\n") }
                rest = rest.dropFirst(line.count + 1)
                defer { number += 1 }
                if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
                return try read(line)
            }
            return nil
        }
    }

    private func read(_ line: ArraySlice<UInt8>) throws(Problem) -> Row {
        try JSONReaders.with(line.count) { reader throws(Problem) in
            guard let object = (try? reader.object(in: line)) ?? nil else {
                return fault(.badEntry, "is not a valid JSON object")
            }
            guard let embedding = unsafe object.floats("embedding") else {
                return fault(.badEntry, "needs an \"embedding\" that is a list of numbers")
            }
            return row(unsafe Array(embedding))
        }
    }

    private func row(_ template: [Float]) -> Row {
        guard template.count == dimension else {
            return fault(
                .wrongDimension,
                "its embedding has \(template.count) numbers, but the gallery's templates have \(dimension)")
        }
        // Found here: in a search of many, one such row would spoil the others.
        var unit = template
        do throws(VectorProblem) { try UnitVector.normalise(&unit) } catch {
            return fault(.badTemplate, "\(error)")
        }
        return Row(number: number, content: .success(unit))
    }

    private func fault(_ reason: RefusalReason, _ text: String) -> Row {
        Row(number: number, content: .failure(Fault(reason: reason, text: text)))
    }

    /// Numbers of little-endian float32.
    static func floats(_ bytes: ArraySlice<UInt8>) -> [Float] {
        unsafe bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { place in
                Float(
                    bitPattern: UInt32(
                        littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: 4 * place, as: UInt32.self)))
            }
        }
    }
}
