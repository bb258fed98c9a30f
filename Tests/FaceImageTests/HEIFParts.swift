/// HEIC and AVIF files out of the coded picture of another.
struct HEIFParts {
    private let brand: String
    private let itemKind: String
    /// The box that says how the picture is coded.
    private let configuration: [UInt8]
    /// The coded picture.
    let coded: [UInt8]
    private let width: Int
    private let height: Int

    /// Takes a file apart that libvips has encoded.
    init?(_ file: [UInt8], width: Int, height: Int) {
        (self.width, self.height) = (width, height)
        func number(_ place: Int) -> Int { file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
        let isHEVC = file.firstRange(of: Array("hvcC".utf8)) != nil
        (brand, itemKind) = isHEVC ? ("heic", "hvc1") : ("avif", "av01")
        guard let name = file.firstRange(of: Array((isHEVC ? "hvcC" : "av1C").utf8))?.lowerBound,
            let locations = file.firstRange(of: Array("iloc".utf8))?.upperBound
        else { return nil }
        configuration = Array(file[name - 4..<name - 4 + number(name - 4)])
        // Version, sizes, count; then the first item's number, its data's file, its base, and its one extent.
        let start = number(locations + 12) + number(locations + 18)
        coded = Array(file[start..<start + number(locations + 22)])
    }

    /// A picture of as many columns and rows of the one that was coded, which is there once.
    func grid(columns: Int, rows: Int) -> [UInt8] {
        let layout =
            [0, 1, UInt8(rows - 1), UInt8(columns - 1)] + Self.long(width * columns) + Self.long(height * rows)
        let tiles = (0..<columns * rows).flatMap { _ in Self.short(1) }
        let references = Self.full(
            "iref", 0, Self.box("dimg", Self.short(2) + Self.short(columns * rows) + tiles))
        let entries = [Self.entry(1, itemKind), Self.entry(2, "grid")]
        let shapes = [shape(width, height), shape(width * columns, height * rows)]
        return file(
            entries: entries, primary: 2, shapes: shapes, associations: [[0x81, 2], [3]],
            others: references + Self.box("idat", layout), data: coded, layoutCount: layout.count)
    }

    /// A picture whose item holds other bytes.
    func single(_ data: [UInt8]) -> [UInt8] {
        file(
            entries: [Self.entry(1, itemKind)], primary: 1, shapes: [shape(width, height)],
            associations: [[0x81, 2]], others: [], data: data, layoutCount: nil)
    }

    private func file(
        entries: [[UInt8]], primary: Int, shapes: [[UInt8]], associations: [[UInt8]], others: [UInt8],
        data: [UInt8], layoutCount: Int?
    ) -> [UInt8] {
        let brands = Array(brand.utf8) + [0, 0, 0, 0] + Array("mif1".utf8) + Array(brand.utf8)
        let type = Self.box("ftyp", brands)
        func meta(_ place: Int) -> [UInt8] {
            // Numbers of four bytes; each item's place is the file (0) or the box "idat" (1).
            var locations = [0x44, 0] + Self.short(entries.count)
            locations += Self.short(1) + Self.short(0) + Self.short(0) + Self.short(1)
            locations += Self.long(place) + Self.long(data.count)
            if let layoutCount {
                locations += Self.short(2) + Self.short(1) + Self.short(0) + Self.short(1)
                locations += Self.long(0) + Self.long(layoutCount)
            }
            let links = associations.enumerated().flatMap { index, properties in
                Self.short(index + 1) + [UInt8(properties.count)] + properties
            }
            let properties = Self.box(
                "iprp",
                Self.box("ipco", configuration + shapes.joined())
                    + Self.full("ipma", 0, Self.long(associations.count) + links))
            let handler = Self.full(
                "hdlr", 0, [0, 0, 0, 0] + Array("pict".utf8) + [UInt8](repeating: 0, count: 13))
            return Self.full(
                "meta", 0,
                handler + Self.full("pitm", 0, Self.short(primary)) + Self.full("iloc", 1, locations)
                    + Self.full("iinf", 0, Self.short(entries.count) + entries.joined()) + properties + others)
        }
        let head = type + meta(type.count + meta(0).count + 8)
        return head + Self.box("mdat", data)
    }

    private func shape(_ width: Int, _ height: Int) -> [UInt8] {
        Self.full("ispe", 0, Self.long(width) + Self.long(height))
    }

    private static func entry(_ item: Int, _ kind: String) -> [UInt8] {
        full("infe", 2, short(item) + short(0) + Array(kind.utf8) + [0])
    }

    private static func full(_ name: String, _ version: UInt8, _ data: [UInt8]) -> [UInt8] {
        box(name, [version, 0, 0, 0] + data)
    }

    private static func box(_ name: String, _ data: [UInt8]) -> [UInt8] {
        long(data.count + 8) + Array(name.utf8) + data
    }

    private static func long(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }

    private static func short(_ value: Int) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
}
