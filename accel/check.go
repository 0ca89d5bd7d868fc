package accel

import (
	"fmt"

	"dse/accel/unit"
)

// check reports values that are legal each for itself and contradict each other. Every check
// names the keys it looks at, and is left out where one of them already has a finding.
func (r *reader) check(a *Accelerator) {
	r.checkStatus(a)
	r.checkUnrolled(a)
	r.checkGranule(a)
	r.checkRowStationary(a)
	r.checkAccumulator(a)
	r.checkModes(a)
	r.checkMemories(a)
	r.checkTiles(a)
	r.checkEngines(a)
}

// all says whether every key was read without a finding.
func (r *reader) all(paths ...string) bool {
	for _, p := range paths {
		if _, ok := r.good[p]; !ok {
			return false
		}
	}
	return true
}

// contradict reports a contradiction at the place of a key.
func (r *reader) contradict(path, way, format string, args ...any) {
	r.report(r.good[path], problem{fmt.Sprintf(format, args...), way})
}

// checkStatus wants the measured error with each claim that there is one.
func (r *reader) checkStatus(a *Accelerator) {
	if !r.all("status", "validation") {
		return
	}
	if a.Status == Validated && a.Validation == "" {
		r.contradict("status", "add `validation` with the error and the rows it was measured on, or write estimated",
			"status is validated, but nothing says against what")
	}
	if a.Status == Estimated && a.Validation != "" {
		r.contradict("validation", "write `status: validated`, or remove the key",
			"validation is given, but status is estimated")
	}
}

// checkUnrolled wants the keys of unrolled arrays on no other.
func (r *reader) checkUnrolled(a *Accelerator) {
	if !r.all("array.dataflow") || a.Array.Dataflow == Unrolled {
		return
	}
	for _, k := range []struct {
		path  string
		given bool
	}{
		{"array.positions.height", a.Array.Positions.Height > 1},
		{"array.positions.width", a.Array.Positions.Width > 1},
		{"array.depthwise_lanes", a.Array.DepthwiseLanes > 0},
		{"array.step_cycles", a.Array.StepCycles > 1},
		{"array.block_channels", a.Array.BlockChannels > 0},
		{"array.fold_overhead", a.Array.FoldOverhead > 0},
		{"array.channel_granule", a.Array.ChannelGranule > 0},
		{"array.image_channels", a.Array.ImageChannels > 0},
		{"array.winograd", a.Array.Winograd},
		{"array.stride_extension", a.Array.StrideExtension},
	} {
		if r.all(k.path) && k.given {
			r.contradict(k.path, "write `dataflow: unrolled`, or remove the key",
				"%s is for unrolled arrays, but array.dataflow is %v", k.path, a.Array.Dataflow)
		}
	}
}

// checkGranule wants granules that fill the array, on arrays whose rows are channels.
func (r *reader) checkGranule(a *Accelerator) {
	const key = "array.channel_granule"
	g := a.Array.ChannelGranule
	if !r.all(key, "array.rows", "array.cols", "array.reduction", "array.image_channels") || a.Array.Dataflow != Unrolled {
		return
	}
	switch {
	case g > 0 && a.Array.Reduction != ReduceChannels:
		r.contradict(key, "write `reduction: channels`, or remove the key", "%s is for rows of channels, but array.reduction is %v", key, a.Array.Reduction)
	case g > 0 && (a.Array.Rows%g != 0 || a.Array.Cols%g != 0):
		r.contradict(key, "write a divisor of both", "%s of %d does not divide the %d rows and %d columns", key, g, a.Array.Rows, a.Array.Cols)
	case a.Array.ImageChannels > g:
		r.contradict("array.image_channels", "write at most the granule, or 0", "array.image_channels of %d is more than the granule of %d channels", a.Array.ImageChannels, g)
	}
}

// checkRowStationary wants scratchpads for row-stationary arrays and for no other.
func (r *reader) checkRowStationary(a *Accelerator) {
	if !r.all("array.dataflow") {
		return
	}
	p := a.Array.RowStationary
	for _, k := range []struct {
		path  string
		words int
	}{
		{"array.row_stationary.filter_words", p.FilterWords},
		{"array.row_stationary.input_words", p.InputWords},
		{"array.row_stationary.sum_words", p.SumWords},
	} {
		switch {
		case !r.all(k.path):
		case a.Array.Dataflow == RowStationary && k.words == 0:
			r.contradict(k.path, "write the words of one PE, for example 24", "a row-stationary array needs %s", k.path)
		case a.Array.Dataflow != RowStationary && k.words > 0:
			r.contradict(k.path, "write `dataflow: row-stationary`, or remove the key",
				"%s is for row-stationary arrays, but array.dataflow is %v", k.path, a.Array.Dataflow)
		}
	}
}

// checkAccumulator wants room for one whole product per column.
func (r *reader) checkAccumulator(a *Accelerator) {
	acc := a.Array.Accumulator
	if r.all("array.accumulator.width", "precision.modes") && r.modesGood(a) {
		for i, m := range a.Precision.Modes {
			if product := m.Weight + m.Activation; acc.Width < product {
				r.contradict("array.accumulator.width", fmt.Sprintf("write at least %d bit; 32 bit is usual", product),
					"array.accumulator.width of %d bit cannot hold a product of precision.modes[%d], %d bit x %d bit",
					acc.Width, i, m.Weight, m.Activation)
				break
			}
		}
	}
	if r.all("array.accumulator.capacity", "array.accumulator.width", "array.cols") {
		columns := a.Array.Cols * a.Array.Positions.Count()
		least := unit.Bytes((columns*acc.Width + 7) / 8)
		if acc.Capacity < least {
			r.contradict("array.accumulator.capacity", fmt.Sprintf("write at least %v", least),
				"array.accumulator.capacity of %v cannot hold one partial sum of %d bit for each of %d columns",
				acc.Capacity, acc.Width, columns)
		}
	}
}

// modesGood says whether every mode was read without a finding.
func (r *reader) modesGood(a *Accelerator) bool {
	for i := range a.Precision.Modes {
		at := modePath(i)
		if !r.all(at+".weight", at+".activation", at+".operator", at+".throughput", at+".energy") {
			return false
		}
	}
	return r.all("precision.modes")
}

func modePath(i int) string { return fmt.Sprintf("precision.modes[%d]", i) }

// checkModes wants a table in which every layer finds a mode and a narrower mode is worth having.
func (r *reader) checkModes(a *Accelerator) {
	if !r.modesGood(a) {
		return
	}
	modes := a.Precision.Modes
	for i, m := range modes {
		for j, n := range modes[:i] {
			if m.Operator != n.Operator {
				continue
			}
			at := modePath(i) + ".weight"
			if m.Weight == n.Weight && m.Activation == n.Activation {
				r.contradict(at, fmt.Sprintf("remove it or line %d", r.good[modePath(j)+".weight"].line),
					"the %s mode is given twice", modeName(m))
				break
			}
			narrow, wide := m, n
			if !covers(n, m) {
				narrow, wide = n, m
			}
			if covers(wide, narrow) && (narrow.Throughput < wide.Throughput || narrow.Energy > wide.Energy) {
				r.contradict(at, "a layer would gain by running wider: raise the narrow mode's throughput, lower its energy, or remove it",
					"the %s mode (throughput %v, %v) is worse than the wider %s mode (throughput %v, %v)",
					modeName(narrow), narrow.Throughput, narrow.Energy, modeName(wide), wide.Throughput, wide.Energy)
			}
		}
	}
	r.checkNative(a)
}

// checkNative wants one mode that covers all others, for every kind of layer.
func (r *reader) checkNative(a *Accelerator) {
	var top Mode
	for _, m := range a.Precision.Modes {
		top.Weight, top.Activation = max(top.Weight, m.Weight), max(top.Activation, m.Activation)
	}
	for _, kind := range []OperatorKind{ConvOperator, DepthwiseOperator, DenseOperator, PointwiseOperator} {
		rows := a.Precision.For(kind)
		if len(rows) == 0 {
			r.contradict("precision.modes", fmt.Sprintf("add a mode with `operator: %v` or with `operator: any`", kind),
				"precision.modes has no mode for %v layers", kind)
			return
		}
		native := false
		for _, m := range rows {
			native = native || covers(m, top)
		}
		if !native {
			r.contradict("precision.modes", fmt.Sprintf("add a mode of weight %d bit and activation %d bit", top.Weight, top.Activation),
				"precision.modes has no native mode for %v layers: none is %d bit x %d bit, the widest of both operands",
				kind, top.Weight, top.Activation)
			return
		}
	}
}

// covers says whether a mode can compute what another can.
func covers(wide, narrow Mode) bool {
	return wide.Weight >= narrow.Weight && wide.Activation >= narrow.Activation
}

func modeName(m Mode) string {
	return fmt.Sprintf("%d bit x %d bit %v", m.Weight, m.Activation, m.Operator)
}

// checkMemories wants distinct names, whole words per bank, and a home for every operand.
func (r *reader) checkMemories(a *Accelerator) {
	if !r.all("memories") {
		return
	}
	var held Operand
	known := true
	for i, m := range a.Memories {
		at := fmt.Sprintf("memories[%d]", i)
		for j, other := range a.Memories[:i] {
			if r.all(at+".name", fmt.Sprintf("memories[%d].name", j)) && m.Name == other.Name {
				r.contradict(at+".name", "give each memory a name of its own", "memories[%d] and %s are both named %s", j, at, m.Name)
			}
		}
		if r.all(at+".capacity", at+".banks", at+".port_width") {
			if row := unit.Bytes(m.Banks * m.PortWidth / unit.BitsPerByte); m.Capacity%row != 0 {
				r.contradict(at+".capacity", fmt.Sprintf("did you mean %v or %v?", max(row, m.Capacity/row*row), (m.Capacity/row+1)*row),
					"%s.capacity of %v is not a whole number of words: %d banks x %d bit = %v",
					at, m.Capacity, m.Banks, m.PortWidth, row)
			}
		}
		if r.all(at+".double_buffered", at+".ring") && m.DoubleBuffered && m.Ring {
			r.contradict(at+".ring", "keep one of the two", "%s is both a ring and double-buffered", at)
		}
		known = known && r.all(at+".holds")
		held |= m.Holds
	}
	if missing := (Weights | Inputs | Outputs) &^ held; known && missing != 0 {
		r.contradict("memories", "add them to `holds` of one memory", "no memory holds %v", missing)
	}
}

// checkTiles wants every memory to hold what the array takes in or gives out at once, at the
// native width: the least tile there is. Which tiles a layer can have is the mapper's business.
func (r *reader) checkTiles(a *Accelerator) {
	if !r.all("memories", "array.rows", "array.cols", "array.dataflow") || !r.modesGood(a) {
		return
	}
	for i, m := range a.Memories {
		at := fmt.Sprintf("memories[%d]", i)
		if !r.all(at+".capacity", at+".holds", at+".double_buffered") {
			continue
		}
		least := a.leastTile(m.Holds)
		if m.DoubleBuffered {
			least *= 2
		}
		if m.Capacity < least {
			r.contradict(at+".capacity", fmt.Sprintf("write at least %v", least),
				"%s.capacity of %v cannot hold one tile of %v for a %d x %d array", at, m.Capacity, m.Holds, a.Array.Rows, a.Array.Cols)
		}
	}
}

// leastTile returns the size of one array-full of the given operands: the stationary operand once
// per PE, each other operand once per row or column that it enters or leaves by.
func (a *Accelerator) leastTile(held Operand) unit.Bytes {
	rows, cols := a.Array.Rows, a.Array.Cols
	weights, inputs, outputs := rows*cols, rows, cols
	switch a.Array.Dataflow {
	case OutputStationary:
		weights, inputs, outputs = cols, rows, rows*cols
	case InputStationary:
		weights, inputs, outputs = cols, rows*cols, cols
	}
	var native Mode
	for _, m := range a.Precision.Modes {
		native.Weight, native.Activation = max(native.Weight, m.Weight), max(native.Activation, m.Activation)
	}
	bits := 0
	if held.Holding(Weights) {
		bits += weights * native.Weight
	}
	if held.Holding(Inputs) {
		bits += inputs * native.Activation
	}
	if held.Holding(Outputs) {
		bits += outputs * native.Activation
	}
	return unit.Bytes((bits + 7) / unit.BitsPerByte)
}
