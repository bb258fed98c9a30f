/// One line of `Bench/dlib-reference/reference.cpp`.
struct ReferenceRecord: Decodable {
    let measure: String
    let median_ms_per_face: Double
}

/// Runs the program that measures dlib, on one thread, and reads what it prints.
func runReference(_ program: String, _ arguments: [String]) throws -> [ReferenceRecord] {
    try records(of: program, arguments, environment: ["OPENBLAS_NUM_THREADS": "1"])
}
