internal import CSearchKernels

/// A state as C sees it, made once for each state and lent to every search in it.
@safe final class SearchView: @unchecked Sendable {
    // Unchecked and safe: nothing is written after the initialiser, and `state` keeps alive what is pointed to.
    let state: IndexState
    let view: UnsafePointer<csk_view>
    private let segments: UnsafeMutablePointer<csk_segment>
    private let loose: UnsafeMutablePointer<csk_loose_rows>

    init(_ state: IndexState, kernel: Kernel) {
        self.state = state
        unsafe segments = .allocate(capacity: max(1, state.segments.count))
        for (number, part) in state.segments.enumerated() {
            unsafe (segments + number).initialize(
                to: csk_segment(
                    lists: part.segment.lists, blocks: part.segment.blocks, rows: part.segment.rows,
                    removed: part.removed?.words))
        }
        unsafe loose = .allocate(capacity: max(1, state.loose.parts.count))
        for (number, part) in state.loose.parts.enumerated() {
            unsafe (loose + number).initialize(
                to: csk_loose_rows(
                    rows: part.chunk.bytes, steps: part.chunk.steps, errors: part.chunk.errors,
                    largest_step: part.largestStep, row_count: part.count, removed: state.loose.removed?.words,
                    first_bit: part.first))
        }
        let made = UnsafeMutablePointer<csk_view>.allocate(capacity: 1)
        let table = unsafe state.quantizer.map { unsafe UnsafePointer($0.table) }
        unsafe made.initialize(
            to: csk_view(
                kernel: kernel.table, quantizer: table, segments: segments,
                segment_count: state.segments.count, loose: loose, loose_count: state.loose.parts.count,
                dimension: state.dimension))
        unsafe view = UnsafePointer(made)
    }

    deinit {
        unsafe view.deallocate()
        unsafe segments.deallocate()
        unsafe loose.deallocate()
    }

    /// The id and the vector at a place that C names.
    func vector(at place: csk_place, _ reader: any VectorReader) -> (id: Int64, vector: UnsafePointer<Float>)? {
        let part = Int(place.part)
        let row = Int(place.row)
        if part < state.segments.count {
            guard let id = state.segments[part].segment.id(at: row), let vector = unsafe reader.vector(of: id)
            else {
                return nil
            }
            return unsafe (id, vector)
        }
        let chunk = state.loose.parts[part - state.segments.count].chunk
        return unsafe (chunk.ids[row], chunk.vectors + row * state.dimension)
    }
}
