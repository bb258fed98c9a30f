extension PhotoStructure {
    /// Compares what the header announces with what follows; gdk-pixbuf does not tell a bitmap that is cut short.
    mutating func walkBMP(_ file: Bytes) throws(Fault) {
        isHeldWhole = true
        func number(_ place: Int, _ size: Int) -> Int? {
            file.number(at: place, bytes: size, littleEndian: true)
        }
        // Both numbers may be below zero in files that are none; in the newer headers, rows may come from the top.
        func signed(_ place: Int) -> Int? { number(place, 4).map { Int(Int32(truncatingIfNeeded: $0)) } }
        let isOld = number(14, 4) == 12
        guard let start = number(10, 4), let width = isOld ? number(18, 2) : signed(18),
            let height = isOld ? number(20, 2) : signed(22), let bits = number(isOld ? 24 : 28, 2),
            let packing = isOld ? 0 : number(30, 4)
        else { throw .damaged("it is cut short: the BMP's header is not whole") }
        guard width > 0, height != 0 else { throw .damaged("the BMP's header announces no pixels") }
        if packing == 1 || packing == 2 {
            try Self.requireEnd(in: file, from: start)
            return
        }
        // Rows begin at multiples of four bytes. 33 bits times 16 bits, and then 33 bits more.
        guard let needed = product((width * bits + 31) / 32, 4, abs(height)) else {
            throw .damaged("the BMP's header announces more pixels than can be counted")
        }
        capacity = .max
        let there = max(0, file.count - start)
        if there < needed { throw .damaged("it is cut short: it holds \(there) of \(needed) bytes of pixels") }
    }

    /// Walks over runs of equal pixels to the mark that ends them.
    private static func requireEnd(in file: Bytes, from start: Int) throws(Fault) {
        let halves = file.number(at: 30, bytes: 4, littleEndian: true) == 2
        var place = start
        while let first = file[place], let second = file[place + 1] {
            place += 2
            guard first == 0 else { continue }
            switch second {
            case 0: continue  // the end of a row
            case 1: return
            case 2: place += 2  // a step to the right and down
            default:
                // So many pixels follow as they are, padded to an even number of bytes.
                let bytes = halves ? (Int(second) + 1) / 2 : Int(second)
                place += bytes + bytes % 2
            }
        }
        throw .damaged("it is cut short: the BMP's runs have no end mark")
    }
}
