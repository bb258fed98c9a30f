import ArgumentParsing
import BuildFacts
import Gallery

/// Every command, in the order of help.
let verbs: [Verb] = [
    create, enroll, identify, sort, cluster, verify, embed, remove, rename, merge, subjects, set, stats, check,
    export,
    importing,
    snapshot, restore, compact, migrate,
    network,
    train, evaluate, calibrate, duplicates, audit, serve, keys, setUp,
]

/// The program that people call.
let program = Program(
    name: "facegallery", version: "0.1.0",
    build: "commit \(BuildFacts.commit ?? "unknown"), gallery format \(FaceGallery.newestFormat)",
    abstract: "Enrol faces, and find out who a face is, among millions.",
    commands: verbs.map(\.specification), manual: .facegallery)
