/// One line of `Bench/dlib-reference/reference.cpp`, or of `Bench/onnxruntime-reference/forward.py`.
struct ReferenceRecord: Decodable {
    /// What was measured; dlib's program does not say.
    let program: String?
    let measure: String
    let median_ms_per_face: Double
}

/// Runs the program that measures dlib, on one thread, and reads what it prints.
func runReference(_ program: String, _ arguments: [String]) throws -> [ReferenceRecord] {
    try records(of: program, arguments, environment: ["OPENBLAS_NUM_THREADS": "1"])
}
