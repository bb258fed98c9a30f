/// The number type of a matrix on disk.
package enum NpyElement: String, Sendable, CaseIterable {
    case float16 = "<f2"
    case float32 = "<f4"
    case float64 = "<f8"
    case int32 = "<i4"
    case int64 = "<i8"

    static let floats: [NpyElement] = [.float16, .float32, .float64]
    static let integers: [NpyElement] = [.int32, .int64]

    var size: Int {
        switch self {
        case .float16: 2
        case .float32, .int32: 4
        case .float64, .int64: 8
        }
    }

    /// What errors call it.
    var name: String { "\(self)" }
}

/// What stands before the numbers of an `.npy` file (NumPy's format 1.0 to 3.0).
struct NpyHeader: Equatable {
    var element: NpyElement
    var rows: Int
    var columns: Int
    /// Bytes before the first number.
    var length: Int

    /// Bytes before the first number of the files that are written here.
    static let writtenLength = 128

    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    /// Reads the header from the first bytes of a file.
    ///
    /// - Throws: `.malformed` with what was found; a matrix must be stored row by row, little-endian, of a type
    ///   in `elements` and two-dimensional (one dimension is taken as one row).
    init(
        _ start: [UInt8], path: String, elements: [NpyElement] = NpyElement.floats
    ) throws(VectorFileError) {
        guard start.count >= 10, Array(start[..<6]) == Self.magic else {
            throw .malformed(path: path, reason: "is not an .npy file; write it with numpy.save")
        }
        let isLong = start[6] >= 2
        guard (1...3).contains(start[6]), !isLong || start.count >= 12 else {
            throw .malformed(path: path, reason: "has .npy version \(start[6]), which is unknown")
        }
        let lengthBytes = start[8..<(isLong ? 12 : 10)]
        let textLength = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        length = lengthBytes.endIndex + textLength
        guard length <= start.count else {
            throw .malformed(path: path, reason: "ends within its header; it is truncated")
        }
        guard let dictionary = NpyDictionary(start[lengthBytes.endIndex..<length])?.values else {
            throw .malformed(
                path: path, reason: "has a header that is not a dictionary; write it with numpy.save")
        }
        element = try Self.element(dictionary["descr"], of: elements, path: path)
        guard case .sizes(let shape) = dictionary["shape"] else {
            throw .malformed(path: path, reason: "has no readable shape in its header")
        }
        switch shape.count {
        case 1: (rows, columns) = (1, shape[0])
        case 2: (rows, columns) = (shape[0], shape[1])
        default:
            throw .malformed(
                path: path, reason: "has \(shape.count) dimensions; a matrix with one row per vector is needed")
        }
        guard case .truth(let isByColumns) = dictionary["fortran_order"] else {
            throw .malformed(path: path, reason: "does not say in its header whether it is stored by rows")
        }
        // Of one row or one column both orders are the same.
        guard !isByColumns || rows <= 1 || columns <= 1 else {
            throw .malformed(
                path: path, reason: "is stored column by column; save numpy.ascontiguousarray(x) instead")
        }
        let (numbers, tooMany) = rows.multipliedReportingOverflow(by: columns)
        guard !tooMany, numbers <= Int.max / 16 else {
            throw .malformed(path: path, reason: "claims the impossible shape \(rows) × \(columns)")
        }
    }

    /// The header of a matrix, padded so that any row count fits in the same 128 bytes.
    static func bytes(of element: NpyElement, rows: Int, columns: Int) -> [UInt8] {
        let text = "{'descr': '\(element.rawValue)', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
        let padding = String(repeating: " ", count: 117 - text.utf8.count)
        return magic + [1, 0, 118, 0] + Array((text + padding + "\n").utf8)
    }

    /// Refuses a file that is shorter or longer than its header says.
    func check(size: Int, path: String) throws(VectorFileError) {
        let expected = length + rows * columns * element.size
        guard size != expected else { return }
        throw .malformed(
            path: path,
            reason: "has \(size) bytes where \(rows) × \(columns) values need \(expected);"
                + (size < expected ? " it is truncated" : " it has something after its end"))
    }

    private static func element(
        _ value: NpyDictionary.Value?, of elements: [NpyElement], path: String
    ) throws(VectorFileError) -> NpyElement {
        let type =
            switch value {
            case .text(let text): text
            case nil: "unnamed"
            default: "structured"
            }
        if let element = NpyElement(rawValue: type), elements.contains(element) { return element }
        let names = elements.map(\.name)
        let wanted = names.dropLast().joined(separator: ", ") + (names.count > 1 ? " or " : "")
        let example = elements.contains(.float32) ? "<f4" : "<i8"
        throw .malformed(
            path: path,
            reason: "contains '\(type)' values; \(wanted)\(names.last ?? "") in little-endian order are needed"
                + " (numpy: x.astype('\(example)'))")
    }
}
