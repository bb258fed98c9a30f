/// A reference as it was found.
///
/// If another process has given it another source since, it is not changed or removed.
public struct FoundReference: Sendable, Equatable {
    /// Its number.
    public var reference: ReferenceID
    /// The source that it had when it was found.
    public var source: String

    /// Collects the parts.
    public init(reference: ReferenceID, source: String) {
        self.reference = reference
        self.source = source
    }
}

/// A reference to be added, and the reference that it replaces.
///
/// The two belong together: if the new one is not added, the old one stays.
public struct ReferenceAddition: Sendable {
    /// The reference to add.
    public var reference: NewReference
    /// The reference that is removed in the same transaction; it stays if its source has changed by then.
    public var replaces: FoundReference?
    /// Whether it is added even if a reference of another subject has the same digest.
    public var mayBeShared: Bool

    /// Collects the parts.
    public init(_ reference: NewReference, replaces: FoundReference? = nil, mayBeShared: Bool = true) {
        self.reference = reference
        self.replaces = replaces
        self.mayBeShared = mayBeShared
    }
}

/// The outcome of adding one reference.
public enum Addition: Sendable, Equatable {
    /// It was added under this id; the reference `replaced` was removed.
    case added(ReferenceID, replaced: ReferenceID? = nil)
    /// The subject already has a reference with the same digest, with this id and source. Nothing was removed.
    case present(ReferenceID, source: String)
    /// It may not be shared, and another subject has a reference with the same digest: this one. Nothing was removed.
    case ofOther(ReferenceID, subject: String, source: String)
}

/// The outcome of merging two subjects.
public struct MergeOutcome: Sendable, Equatable {
    /// References that moved to the other subject.
    public var moved: Int
    /// References that were removed, because the other subject already had one with the same digest.
    public var dropped: Int

    /// Collects the counts.
    public init(moved: Int = 0, dropped: Int = 0) { (self.moved, self.dropped) = (moved, dropped) }
}

/// New metadata, stamp and source of a reference.
public struct ReferenceUpdate: Sendable, Equatable {
    /// The reference.
    public var reference: ReferenceID
    /// Replaces its metadata.
    public var metadata: [String: String]
    /// Replaces its stamp.
    public var stamp: SourceStamp?
    /// The change of its source, if the source has moved.
    public var move: SourceMove?

    /// Collects the parts.
    public init(
        reference: ReferenceID, metadata: [String: String], stamp: SourceStamp?, move: SourceMove? = nil
    ) {
        self.reference = reference
        self.metadata = metadata
        self.stamp = stamp
        self.move = move
    }
}

/// The move of a source to another place.
public struct SourceMove: Sendable, Equatable {
    /// The source that the reference must still have; otherwise nothing is updated.
    public var from: String
    /// The new source.
    public var to: String
    /// The reference that had the new source before; it is removed in the same transaction, unless it has moved, too.
    public var replaces: FoundReference?

    /// Collects the parts.
    public init(from: String, to: String, replaces: FoundReference? = nil) {
        self.from = from
        self.to = to
        self.replaces = replaces
    }
}

/// The outcome of one update.
public enum UpdateOutcome: Sendable, Equatable {
    /// It was done; the reference `replaced` was removed.
    case updated(replaced: ReferenceID? = nil)
    /// Nothing was done: the reference has another source by now, this one.
    case elsewhere(source: String)
    /// Nothing was done: the reference was removed.
    case gone
}

/// The outcome of the references of a batch.
public struct BatchOutcome: Sendable, Equatable {
    /// References that were added.
    public var added: Int
    /// References that were not added, because their subject already had the same template, number for number.
    public var present: Int

    /// Collects the counts.
    public init(added: Int = 0, present: Int = 0) {
        self.added = added
        self.present = present
    }

    /// The sum of two.
    public static func + (left: Self, right: Self) -> Self {
        Self(added: left.added + right.added, present: left.present + right.present)
    }
}
