/// Number of a reference: 1, 2, 3 … in the order of enrolment, never used again after a removal.
public typealias ReferenceID = Int64

/// Number of a subject inside one gallery: stays the same when the subject is renamed, never used again.
public typealias SubjectNumber = UInt64
