extension PhotoStructure {
    /// Counts the boxes at the top of a HEIC or AVIF file, and the coded pictures in each of its items.
    ///
    /// A decoder decodes everything that an item holds before it gives the picture, and cannot be stopped meanwhile. A
    /// picture like the one before it takes a hundred bytes.
    mutating func walkHEIF(_ file: Bytes) throws(Fault) {
        isHeldWhole = true
        var metas: [Range<Int>] = []
        try Self.eachBox(in: file) { place, data, end in
            if file.reads("meta", at: place + 4) { metas.append(data..<end) }
            return true
        }
        for meta in metas {
            var items = try HEIFItems(file, meta: meta)
            try items.check()
        }
    }
}

/// The coded items of a HEIC or AVIF file.
private struct HEIFItems {
    private typealias Fault = PhotoStructure.Fault
    private let file: Bytes
    private var kinds: [(item: Int, coding: Coding)] = []
    private var locations: [Range<Int>] = []
    private var itemData: Range<Int>?
    private var headers: [(coding: Coding, data: Range<Int>)] = []
    /// What the walk has seen: items may share bytes, so that the file's length does not bound it.
    private var entries = 0

    private enum Coding { case hevc, av1 }

    /// - Parameter meta: the box's data, which begins with version and flags.
    init(_ file: Bytes, meta: Range<Int>) throws(PhotoStructure.Fault) {
        self.file = file
        for box in try boxes(in: meta, after: 4) {
            switch box.kind {
            case "iinf":
                let isShort = file[box.data.lowerBound] == 0
                for entry in try boxes(in: box.data, after: isShort ? 6 : 8) { takeKind(entry.data) }
            case "iloc": locations.append(box.data)
            case "idat": itemData = box.data
            case "iprp":
                for container in try boxes(in: box.data, after: 0) where container.kind == "ipco" {
                    for property in try boxes(in: container.data, after: 0) {
                        if property.kind == "hvcC" { headers.append((.hevc, property.data)) }
                        if property.kind == "av1C" { headers.append((.av1, property.data)) }
                    }
                }
            default: break
            }
        }
    }

    /// Refuses an item of more pictures, or more pieces of one, than are taken.
    mutating func check() throws(PhotoStructure.Fault) {
        for header in headers { try check(header: header.data, header.coding) }
        for location in locations { try check(location: location) }
    }

    private mutating func countEntry() throws(PhotoStructure.Fault) {
        entries += 1
        try PhotoStructure.require(entries, .entries)
    }

    private typealias Box = (kind: String, data: Range<Int>)

    private mutating func boxes(in parent: Range<Int>, after header: Int) throws(PhotoStructure.Fault) -> [Box]
    {
        var found: [Box] = []
        var place = parent.lowerBound + header
        // Fewer bytes than a header's are no box.
        while place <= parent.upperBound - 8 {
            var start = place + 8
            var length = file.number(at: place, bytes: 4) ?? 0
            if length == 1 {
                start = place + 16
                length = file.number(at: place + 8, bytes: 8) ?? 0
            } else if length == 0 {
                length = parent.upperBound - place
            }
            guard length >= start - place, length <= parent.upperBound - place else {
                throw .damaged("a box in it is larger than the one around it")
            }
            let kind = (4..<8).map { Character(Unicode.Scalar(file[place + $0] ?? 0)) }
            found.append((String(kind), start..<place + length))
            try countEntry()
            place += length
        }
        return found
    }

    /// Version and flags, then the item's number, its protection and its kind.
    private mutating func takeKind(_ entry: Range<Int>) {
        let size = file[entry.lowerBound] == 3 ? 4 : 2
        guard let item = file.number(at: entry.lowerBound + 4, bytes: size) else { return }
        let kind = entry.lowerBound + 4 + size + 2
        if file.reads("hvc1", at: kind) || file.reads("hev1", at: kind) { kinds.append((item, .hevc)) }
        if file.reads("av01", at: kind) { kinds.append((item, .av1)) }
    }

    /// What is decoded before each item.
    private mutating func check(header: Range<Int>, _ coding: Coding) throws(PhotoStructure.Fault) {
        switch coding {
        case .av1:
            guard header.count > 4 else { return }
            try count(.av1, in: Extents(file, [header.lowerBound + 4..<header.upperBound]))
        case .hevc:
            // Arrays of units, each with its length in two bytes, after 22 bytes of the configuration.
            var place = header.lowerBound + 23
            for _ in 0..<(file[place - 1] ?? 0) {
                guard place + 3 <= header.upperBound, let units = file.number(at: place + 1, bytes: 2) else {
                    return
                }
                place += 3
                for _ in 0..<units {
                    guard place + 2 < header.upperBound, let length = file.number(at: place, bytes: 2) else {
                        return
                    }
                    if let first = file[place + 2], Unit.isPicture(hevc: first) {
                        throw .damaged("its HEVC header holds a picture")
                    }
                    place += 2 + length
                }
            }
        }
    }

    private mutating func check(location: Range<Int>) throws(PhotoStructure.Fault) {
        guard !kinds.isEmpty else { return }
        guard var reader = LocationReader(file, location) else {
            throw .damaged("the sizes of numbers in its list of items are unknown")
        }
        let coded = Dictionary(kinds.map { ($0.item, [$0.coding]) }, uniquingKeysWith: +)
        while let item = try reader.next(itemData: itemData, each: { () throws(Fault) in try countEntry() }) {
            for coding in coded[item.number] ?? [] { try count(coding, in: Extents(file, item.extents)) }
        }
    }

    private mutating func count(_ coding: Coding, in data: Extents) throws(PhotoStructure.Fault) {
        var data = data
        var place = 0
        var (pictures, slices) = (0, 0)
        while let unit = coding == .hevc ? Unit(hevc: &data, at: place) : Unit(av1: &data, at: place) {
            try countEntry()
            if unit.beginsPicture {
                pictures += 1
                try PhotoStructure.require(pictures, .pictures)
            }
            if unit.isSlice {
                slices += 1
                try PhotoStructure.require(slices, .slices)
            }
            place = unit.end
        }
    }
}

/// A unit of a coded picture.
private struct Unit {
    var beginsPicture = false
    var isSlice = false
    let end: Int

    /// A length in four bytes, two bytes of header, and in a slice a first bit that says whether a picture begins.
    init?(hevc data: inout Extents, at place: Int) {
        guard let length = data.number(at: place, bytes: 4), let first = data[place + 4] else { return nil }
        end = place + 4 + length
        guard length > 0, Self.isPicture(hevc: first) else { return }
        isSlice = true
        beginsPicture = (data[place + 6] ?? 0x80) & 0x80 != 0
    }

    /// Whether the first byte of a unit is that of a slice, and not that of a header.
    static func isPicture(hevc first: UInt8) -> Bool { first & 0x40 == 0 }

    /// A byte of kind and flags, one more where a flag says so, and where another says so the length.
    init?(av1 data: inout Extents, at place: Int) {
        guard let head = data[place] else { return nil }
        var start = place + (head & 4 == 0 ? 1 : 2)
        if head & 2 == 0 {
            end = .max
        } else {
            var length: UInt64 = 0
            for step in 0..<8 {
                guard let byte = data[start] else { return nil }
                start += 1
                length |= UInt64(byte & 0x7f) << UInt64(7 * step)
                if byte & 0x80 == 0 { break }
            }
            // Of 56 bits.
            end = start + Int(length)
        }
        // A frame's header, a whole frame, and a header that is repeated.
        beginsPicture = [3, 6, 7].contains(head >> 3 & 15)
    }
}

/// Where the items of a file lie: the entries of an `iloc` box, one after the other.
private struct LocationReader {
    private let file: Bytes
    private let end: Int
    private let version: UInt8
    private let sizes: (offset: Int, length: Int, base: Int, index: Int)
    private var place: Int
    private var left: Int

    /// Nil where numbers have other sizes than the standard's.
    init?(_ file: Bytes, _ box: Range<Int>) {
        (self.file, end) = (file, box.upperBound)
        version = file[box.lowerBound] ?? 0
        let first = Int(file[box.lowerBound + 4] ?? 0), second = Int(file[box.lowerBound + 5] ?? 0)
        sizes = (first >> 4, first & 15, second >> 4, version == 0 ? 0 : second & 15)
        place = box.lowerBound + 6
        left = 0
        let all = [sizes.offset, sizes.length, sizes.base, sizes.index]
        guard all.allSatisfy([0, 4, 8].contains) else { return nil }
        left = number(version < 2 ? 2 : 4) ?? 0
    }

    /// The next bytes as a number; 0 for none of them, nil beyond the box.
    private mutating func number(_ size: Int) -> Int? {
        guard size <= 8, size <= end - place else { return nil }
        defer { place += size }
        return size == 0 ? 0 : file.number(at: place, bytes: size)
    }

    /// The next item's number, and where in the file it lies: nowhere where that is outside, or in another item.
    ///
    /// - Parameter each: is called for each item and each piece of it.
    mutating func next(
        itemData: Range<Int>?, each: () throws(PhotoStructure.Fault) -> Void
    ) throws(PhotoStructure.Fault) -> (number: Int, extents: [Range<Int>])? {
        guard left > 0, let item = number(version < 2 ? 2 : 4), let method = number(version == 0 ? 0 : 2),
            number(2) != nil, let base = number(sizes.base), let count = number(2)
        else { return nil }
        left -= 1
        try each()
        var extents: [Range<Int>] = []
        for _ in 0..<count {
            try each()
            guard number(sizes.index) != nil, let offset = number(sizes.offset),
                let length = number(sizes.length)
            else { return nil }
            let origin = method & 15 == 0 ? 0 : itemData?.lowerBound
            guard let origin, let inside = file.place(base, after: origin),
                let start = file.place(offset, after: inside), let end = file.place(length, after: start)
            else { continue }
            extents.append(start..<end)
        }
        return (item, extents)
    }
}

/// Pieces of a file as if they were one, read forwards.
private struct Extents {
    private let file: Bytes
    private let pieces: [Range<Int>]
    private var piece = 0
    /// Bytes before the current piece.
    private var before = 0

    init(_ file: Bytes, _ pieces: [Range<Int>]) { (self.file, self.pieces) = (file, pieces) }

    subscript(place: Int) -> UInt8? {
        mutating get {
            guard place >= before else { return nil }
            while piece < pieces.count, place - before >= pieces[piece].count {
                before += pieces[piece].count
                piece += 1
            }
            return piece < pieces.count ? file[pieces[piece].lowerBound + place - before] : nil
        }
    }

    /// The number of bytes at a place, the most significant first; nil beyond the end.
    mutating func number(at place: Int, bytes size: Int) -> Int? {
        var value = 0
        for step in 0..<size {
            guard let byte = self[place + step] else { return nil }
            value = value << 8 | Int(byte)
        }
        return value
    }
}
