/// A TIFF file's numbers and the directories of its pictures.
struct TIFFFile {
    private let file: Bytes
    private let isLittle: Bool
    private let isBig: Bool

    init(_ file: Bytes) {
        self.file = file
        isLittle = file[0] == 0x49
        isBig = file.number(at: 2, bytes: 2, littleEndian: isLittle) == 43
    }

    /// Where the first directory is; 0 or nil if there is none.
    var first: Int? { number(isBig ? 8 : 4, offsetSize) }

    /// Canon's raw files say so behind the header.
    var isCanonRaw: Bool { file.reads("CR", at: 8) }

    private var offsetSize: Int { isBig ? 8 : 4 }
    private var entrySize: Int { isBig ? 20 : 12 }
    private var countSize: Int { isBig ? 8 : 2 }

    private func number(_ place: Int, _ size: Int) -> Int? {
        file.number(at: place, bytes: size, littleEndian: isLittle)
    }

    /// The directory at a place; nil if it is not whole.
    func directory(at place: Int) -> TIFFDirectory? {
        guard let entries = number(place, countSize),
            let end = product(entries, entrySize).flatMap({ file.place($0, after: place + countSize) })
        else { return nil }
        var directory = TIFFDirectory(next: number(end, offsetSize))
        // Writers keep to a few dozen entries; the directory's end bounds them by the file's length.
        for index in 0..<entries { take(place + countSize + index * entrySize, into: &directory) }
        return directory
    }

    private func take(_ entry: Int, into directory: inout TIFFDirectory) {
        guard let tag = number(entry, 2).flatMap(TIFFDirectory.Tag.init(rawValue:)) else { return }
        directory.values[tag] = values(ofEntryAt: entry)
    }

    /// Up to 64 whole numbers of an entry; empty if it is of another type.
    private func values(ofEntryAt entry: Int) -> [Int] {
        // Bytes, shorts, longs, offsets of directories, and BigTIFF's two of eight bytes.
        let sizes = [1: 1, 3: 2, 4: 4, 13: 4, 16: 8, 18: 8]
        guard let size = number(entry + 2, 2).flatMap({ sizes[$0] }), let count = number(entry + 4, offsetSize),
            let length = product(size, count)
        else { return [] }
        // What does not fit into the entry stands elsewhere, and the entry says where.
        let data = entry + 4 + offsetSize
        guard let start = length <= offsetSize ? data : number(data, offsetSize) else { return [] }
        return (0..<min(count, 64)).compactMap { number(start + $0 * size, size) }
    }
}

/// What a directory of a TIFF says of its picture, as far as it decides how the picture is read.
struct TIFFDirectory {
    enum Tag: Int {
        case kind = 254
        case oldKind = 255
        case bits = 258
        case compression = 259
        case meaning = 262
        case channels = 277
        case subDirectories = 330
        case extraChannels = 338
        case sampleFormat = 339
        case dngVersion = 50_706
    }

    /// Where the next directory is; 0 or nil after the last.
    let next: Int?
    var values: [Tag: [Int]] = [:]

    init(next: Int?) { self.next = next }

    private func first(_ tag: Tag) -> Int? { values[tag]?.first }

    /// A preview of another picture, or a mask for one.
    var isSecondary: Bool {
        first(.kind).map { $0 & 0b101 != 0 } ?? (first(.oldKind) == 2)
    }

    /// What a camera's sensor saw before colours were made of it.
    var isCameraRaw: Bool {
        let sensorMeanings = [32_803, 34_892]
        // Of Nikon, Sony, Pentax, Samsung, Panasonic and Kodak.
        let sensorCompressions = [34_713, 32_767, 65_535, 32_770, 34_316, 65_000]
        return values[.dngVersion] != nil || first(.meaning).map(sensorMeanings.contains) ?? false
            || first(.compression).map(sensorCompressions.contains) ?? false
    }

    /// Samples a pixel.
    var channels: Int { first(.channels) ?? 1 }

    /// The channels of colour that the photo's kind has; nil for kinds with a number of their own.
    private var colours: Int? {
        switch first(.meaning) {
        case 0, 1, 3: 1
        case 2, 6, 8, 9, 10: 3
        case 5: 4
        default: nil
        }
    }

    /// Whether a channel beyond the colours says nothing of transparency.
    var hasUnrelatedChannel: Bool {
        guard let colours, channels == colours + 1 else { return false }
        return ![1, 2].contains(first(.extraChannels) ?? 0)
    }

    /// Why no photo can be made of the samples, as an error tells it; nil if one can.
    var obstacle: String? {
        if (values[.sampleFormat] ?? []).contains(where: { $0 == 3 || $0 == 6 }) {
            return "are floating-point numbers, and no TIFF says which of them is white"
        }
        if (values[.sampleFormat] ?? []).contains(where: { $0 == 2 || $0 == 5 }) {
            return "are numbers below and above zero, and no TIFF says which of them is black"
        }
        if let bits = values[.bits]?.max(), bits > 16 { return "have \(bits) bits a channel" }
        if channels > (colours ?? 4) + 1 { return "have \(channels) channels" }
        return nil
    }
}
