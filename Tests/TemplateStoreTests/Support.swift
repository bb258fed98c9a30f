import CLMDB
import GalleryModel
import Glibc
import Testing
import TestSupport
@testable import TemplateStore

let testSettings = StoreSettings(dimension: 16, networkName: "test", networkFingerprint: "0123abcd")

/// A gallery of its own for one test; the folder goes with it.
struct TestGallery: Sendable {
    let folder: TemporaryFolder
    let path: String

    init(_ settings: StoreSettings = testSettings) throws {
        folder = try TemporaryFolder()
        path = folder.file("gallery")
        _ = try TemplateStore.create(at: path, settings: settings)
    }

    func open(readOnly: Bool = false, mapSize: Int? = nil) throws(StoreError) -> TemplateStore {
        try TemplateStore(at: path, readOnly: readOnly, mapSize: mapSize)
    }
}

/// A unit vector that is another one for every seed.
func vector(_ seed: Int, dimension: Int = 16) -> [Float] {
    var state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 | 1
    var vector = (0..<dimension).map { _ -> Float in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Float(Int64(bitPattern: state) >> 40)
    }
    try? UnitVector.normalise(&vector)
    return vector
}

func newReference(_ subject: String, _ seed: Int, digest: [UInt8]? = nil, dimension: Int = 16) -> NewReference {
    NewReference(
        subject: subject, source: "\(subject)-\(seed).jpg", sourceDigest: digest,
        template: vector(seed, dimension: dimension))
}

/// An LMDB environment without any of a gallery's databases.
func makeForeignEnvironment(_ path: String) throws {
    var raw: OpaquePointer?
    unsafe mdb_env_create(&raw)
    let environment = try unsafe #require(raw)
    defer { unsafe mdb_env_close(environment) }
    #expect(unsafe mdb_env_set_maxdbs(environment, 4) == 0)
    #expect(unsafe mdb_env_open(environment, path, 0, 0o600) == 0)
    var transaction: OpaquePointer?
    #expect(unsafe mdb_txn_begin(environment, nil, 0, &transaction) == 0)
    var database: MDB_dbi = 0
    #expect(unsafe mdb_dbi_open(transaction, "photos", UInt32(MDB_CREATE), &database) == 0)
    #expect(unsafe mdb_txn_commit(transaction) == 0)
}
