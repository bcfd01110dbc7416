package likeness

import "strings"

func equal(a, b string) float64 {
	if a == b {
		return 1
	}
	return 0
}

// above is a likeness that counts from a least value on.
func above(least, near float64) float64 {
	if near < least {
		return 0
	}
	return near
}

func nearText(a, b string) float64 { return above(0.85, winkler(a, b)) }

func nearName(a, b string) float64 { return above(0.8, winkler(a, b)) }

// nearGiven takes an initial for its name.
func nearGiven(a, b string) float64 {
	if near := nearName(a, b); near > 0 {
		return near
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if strings.HasPrefix(b, a) {
		return 0.5
	}
	return 0
}

// nearCompany takes a name for one that says more, as that of a branch.
func nearCompany(a, b string) float64 {
	if near := above(0.9, winkler(a, b)); near > 0 {
		return near
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) >= 4 && strings.HasPrefix(b, a+" ") {
		return 0.5
	}
	return 0
}

// nearDay counts the characters in which two days differ: one is a slip, more are
// another day.
func nearDay(a, b string) float64 {
	if a == b {
		return 1
	}
	if len(a) != len(b) {
		return 0
	}
	differ := 0
	for i := range len(a) {
		if a[i] != b[i] {
			differ++
		}
	}
	return map[int]float64{1: 0.6, 2: 0.3}[differ]
}

// nearEmail takes addresses for similar that differ by a slip, or are of the same
// mailbox elsewhere. A short mailbox (info, sales) is anybody's.
func nearEmail(a, b string) float64 {
	if near := above(0.9, winkler(a, b)); near > 0 {
		return near
	}
	mailboxA, _, _ := strings.Cut(a, "@")
	mailboxB, _, _ := strings.Cut(b, "@")
	if mailboxA == mailboxB && len(mailboxA) >= 8 {
		return 0.9
	}
	return 0
}

// winkler is the Jaro-Winkler similarity of two texts, 0 to 1 (W. E. Winkler, "String
// Comparator Metrics and Enhanced Decision Rules", 1990).
func winkler(left, right string) float64 {
	a, b := []rune(left), []rune(right)
	if left == right {
		return 1
	}
	j := jaro(a, b)
	prefix := 0
	for prefix < min(4, len(a), len(b)) && a[prefix] == b[prefix] {
		prefix++
	}
	return j + float64(prefix)*0.1*(1-j)
}

func jaro(a, b []rune) float64 {
	inA, inB := matching(a, b)
	m := len(inA)
	if m == 0 {
		return 0
	}
	moved := 0
	for i := range inA {
		if inA[i] != inB[i] {
			moved++
		}
	}
	n := float64(m)
	return (n/float64(len(a)) + n/float64(len(b)) + (n-float64(moved)/2)/n) / 3
}

// matching are the characters that both texts have no farther apart than half the
// longer one, in the order of each.
func matching(a, b []rune) (inA, inB []rune) {
	window := max(len(a), len(b))/2 - 1
	used := make([]bool, len(b))
	for i, r := range a {
		for j := max(0, i-window); j < min(len(b), i+window+1); j++ {
			if !used[j] && b[j] == r {
				used[j] = true
				inA = append(inA, r)
				break
			}
		}
	}
	for j, is := range used {
		if is {
			inB = append(inB, b[j])
		}
	}
	return inA, inB
}
