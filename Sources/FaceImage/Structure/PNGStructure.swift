extension PhotoStructure {
    /// How many times longer unpacked deflate data can be than packed: 258 bytes in two bits.
    private static let unpacking = 1_032

    /// Counts chunks up to `IEND`, which must be there.
    mutating func walkPNG(_ file: Bytes) throws(Fault) {
        // The header is the first chunk: width, height, bits, kind, two constants, interlacing.
        guard file.number(at: 8, bytes: 4) == 13, file.reads("IHDR", at: 12), let bits = file[24],
            let kind = file[25]
        else { throw .damaged("the PNG does not begin with its header") }
        let channels = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][kind] ?? 4
        isHeldWhole = file[28] != 0
        capacity = product(Self.unpacking, file.count, 8).map { $0 / max(1, channels * Int(bits)) }
        var place = 8
        var chunks = 0
        var texts = 0
        while true {
            guard let length = file.number(at: place, bytes: 4), let data = file.place(8, after: place),
                let next = file.place(length, after: data).flatMap({ file.place(4, after: $0) })
            else { throw .damaged("it is cut short: the PNG's last chunk is not whole") }
            if file.reads("IEND", at: place + 4) { return }
            if !file.reads("IDAT", at: place + 4) {
                chunks += 1
                try Self.require(chunks, .chunks)
            }
            if file.reads("zTXt", at: place + 4) || file.reads("iTXt", at: place + 4)
                || file.reads("iCCP", at: place + 4)
            {
                texts += 1
                try Self.require(texts, .compressedTexts)
            }
            place = next
        }
    }
}
