package dram

import (
	"fmt"
	"math/bits"
)

// A mapping names the fields of an address from the most to the least significant, two letters
// each: ro row, ra rank, ba bank of a group, bg bank group, co burst of a row, ch channel. The
// lowest field starts right above the bytes of a burst. So rochrababgco walks all bursts of a row,
// then goes on in the next bank, and reaches the next row after all banks.

// field is one part of an address.
type field struct {
	shift, width uint8
}

// of cuts the field out of a burst number.
func (f field) of(burst uint64) uint64 {
	return burst >> f.shift & (1<<f.width - 1)
}

// decoder cuts addresses into fields.
type decoder struct {
	offset                           uint8 // bits of the byte within a burst
	row, rank, bank, group, col, chn field
	groups, banks                    int // per rank and per group
}

// newDecoder reads the mapping of a device whose sizes are powers of two.
func newDecoder(d *Device) (decoder, error) {
	x := decoder{
		offset: log2(int(d.BurstBytes())),
		groups: d.Groups, banks: d.BanksPerGroup,
	}
	sizes := map[string]struct {
		f *field
		n int
	}{
		"ro": {&x.row, d.Rows}, "ra": {&x.rank, d.Ranks}, "ba": {&x.bank, d.BanksPerGroup},
		"bg": {&x.group, d.Groups}, "co": {&x.col, d.BurstsPerRow()}, "ch": {&x.chn, d.Channels},
	}
	if len(d.Mapping) != 2*len(sizes) {
		return decoder{}, fmt.Errorf("dram: mapping %q of %s: want each of ro, ra, ba, bg, co, ch once", d.Mapping, d.Name)
	}
	var shift uint8
	for i := len(d.Mapping) - 2; i >= 0; i -= 2 {
		name := d.Mapping[i : i+2]
		s, ok := sizes[name]
		if !ok {
			return decoder{}, fmt.Errorf("dram: mapping %q of %s: field %q is unknown or there twice: want each of ro, ra, ba, bg, co, ch once",
				d.Mapping, d.Name, name)
		}
		delete(sizes, name)
		*s.f = field{shift, log2(s.n)}
		shift += s.f.width
	}
	return x, nil
}

// place is where a burst lies.
type place struct {
	channel int
	bank    int // of the channel: ranks, then groups, then banks of a group
	row     int32
	burst   uint64 // the address in bursts
}

// place decodes a byte address. Addresses beyond the device wrap around.
func (x *decoder) place(addr uint64) place {
	n := addr >> x.offset
	rank, group, bank := x.rank.of(n), x.group.of(n), x.bank.of(n)
	return place{
		channel: int(x.chn.of(n)),
		bank:    (int(rank)*x.groups+int(group))*x.banks + int(bank),
		row:     int32(x.row.of(n)),
		burst:   n,
	}
}

// log2 of a power of two.
func log2(n int) uint8 { return uint8(bits.TrailingZeros64(uint64(n))) }
