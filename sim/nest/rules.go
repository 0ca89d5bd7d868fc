package nest

// Rules are simplifications that other tools make. The zero value, Exact, makes none.
type Rules uint8

const (
	// BoundingBox: the tile of a strided input is its bounding box, and gaps that no filter touches
	// are stored and moved. Otherwise only touched elements are.
	BoundingBox Rules = 1 << iota
	// InnermostHalo: what consecutive input tiles share is kept only when the innermost loop with
	// more than one step outside the tile moved them. Otherwise it is always kept.
	InnermostHalo
	// WholeTiles: a transfer is shared by units only if their whole tiles coincide. Otherwise every
	// element that several units need in the same step is sent once.
	WholeTiles
	// SpillToAll: a partial sum that returns is charged to all units that share its reduction.
	// Otherwise one of them continues it and the others start from zero.
	SpillToAll

	// Exact counts what a machine must move that keeps a tile until the next and forgets the rest.
	Exact Rules = 0
	// Timeloop counts as Timeloop 3.0 does without ISL, for mappings whose tiles are all equal.
	Timeloop = BoundingBox | InnermostHalo | WholeTiles | SpillToAll
)

var ruleNames = [...]string{"bounding box", "halo of the innermost loop only", "multicast of whole tiles only", "spilled sums to all units"}

// String lists the rules, "exact" if there are none.
func (r Rules) String() string {
	text := ""
	for i, name := range ruleNames {
		if r&(1<<i) == 0 {
			continue
		}
		if text != "" {
			text += " + "
		}
		text += name
	}
	if text == "" {
		return "exact"
	}
	return text
}
