package dram

// Clocks counts memory clocks: an instant since the start of a run, or the distance of two instants.
type Clocks int64

// never is later than every instant of a run, with room to add a latency.
const never Clocks = 1 << 60

// Command is what a controller sends to a DRAM device.
type Command uint8

const (
	// ACT opens a row of a bank: the row is copied into the bank's sense amplifiers.
	ACT Command = iota
	// PRE closes the open row of a bank.
	PRE
	// RD moves one burst from the open row to the bus.
	RD
	// WR moves one burst from the bus to the open row.
	WR
	// REF refreshes some rows of all banks of a rank. All banks must be closed.
	REF

	commands = iota
)

// String returns the mnemonic of the standards.
func (c Command) String() string {
	return [commands]string{"ACT", "PRE", "RD", "WR", "REF"}[c]
}

// Scope says between which banks a rule holds.
type Scope uint8

const (
	// SameBank rules bind two commands to one bank. REF is sent to all banks of a rank at once, so
	// that it belongs into wider scopes only.
	SameBank Scope = iota
	// SameGroup rules bind two commands to one bank group.
	SameGroup
	// SameRank rules bind two commands to one rank.
	SameRank
	// SameChannel rules bind two commands on one channel, whatever their ranks.
	SameChannel
	// OtherRank rules bind two commands to different ranks of a channel.
	OtherRank

	scopes = iota
)

// String names the scope.
func (s Scope) String() string {
	return [scopes]string{"bank", "group", "rank", "channel", "other rank"}[s]
}
