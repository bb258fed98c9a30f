extension NetworkCard {
    /// What tells this network's templates from any other's, 64 hexadecimal digits.
    ///
    /// Of format 1 it is the SHA-256 of the weights, which galleries have always recorded. Of an imported network it is
    /// the SHA-256 of a text of everything that changes a template: the file of layers and weights, which output is
    /// taken, its size, how pixels become input, how the chip is cut out and whether it is mirrored. Name, license, source
    /// and thresholds change no template and are not in it.
    public var fingerprint: String {
        guard isImported else { return weights.sha256 }
        return SHA256.hex(of: Array(identity.utf8))
    }

    /// One fact per line; numbers as the bits of their floats, so that no way of writing them changes it.
    private var identity: String {
        func bits(_ value: Float) -> String { String(value.bitPattern, radix: 16) }
        return """
            facegallery network \(format)
            file \(weights.sha256)
            output \(output ?? "")
            dimension \(dimension)
            side \(input.side)
            colors \((input.colors ?? .rgb).rawValue)
            mean \(input.mean.map(bits).joined(separator: " "))
            scale \(bits(input.scale))
            alignment \(alignment.kind) \(String(alignment.padding.bitPattern, radix: 16))
            mirrored \(mirrored ?? false)

            """
    }
}
