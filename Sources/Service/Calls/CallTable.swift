/// Every call of the service, in the order of its documentation.
enum CallTable {
    static let all: [ServiceCall] = [
        identifyCalls, enrolmentCalls, subjectCalls, referenceCalls, verifyCalls, photoCalls, galleryCalls,
        serverCalls,
    ].flatMap(\.self)
}
