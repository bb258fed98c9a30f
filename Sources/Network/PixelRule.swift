/// How the bytes of a chip become a network's input.
struct PixelRule {
    /// For each number of a pixel: the place of its colour in the chip, what it is multiplied with, and gains.
    private let places: (Int, Int, Int)
    private let shifts: (Float, Float, Float)
    private let scale: Float
    private let side: Int

    init(_ input: NetworkCard.Input) {
        let places = input.colors == .bgr ? [2, 1, 0] : [0, 1, 2]
        let shifts = places.map { -input.mean[$0] * input.scale }
        self.places = (places[0], places[1], places[2])
        self.shifts = (shifts[0], shifts[1], shifts[2])
        (scale, side) = (input.scale, input.side)
    }

    /// Writes side × side pixels of three numbers each.
    ///
    /// - Parameters:
    ///   - chip: side × side × 3 bytes, red, green and blue, row by row.
    ///   - mirrored: whether left and right change places.
    func write(_ chip: [UInt8], mirrored: Bool, to image: UnsafeMutableBufferPointer<Float>) {
        guard chip.count == side * side * 3, image.count == chip.count else { return }
        unsafe chip.withUnsafeBufferPointer { chip in
            for pixel in 0..<side * side {
                let place = pixel * 3
                var from = place
                if mirrored {
                    let (row, column) = pixel.quotientAndRemainder(dividingBy: side)
                    from = (row * side + side - 1 - column) * 3
                }
                unsafe image[place] = Float(chip[from + places.0]) * scale + shifts.0
                unsafe image[place + 1] = Float(chip[from + places.1]) * scale + shifts.1
                unsafe image[place + 2] = Float(chip[from + places.2]) * scale + shifts.2
            }
        }
    }
}
