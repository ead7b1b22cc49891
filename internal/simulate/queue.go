package simulate

// event is something that will happen. It holds no pointer: a queue of millions
// costs the garbage collector nothing.
type event struct {
	at   int32
	n    uint32 // order of scheduling: settles ties
	id   uint32 // slot of the matter or group
	gen  uint16 // the slot's generation; another one means that the event's owner is gone
	kind uint8
	arg  uint8
}

func (e event) before(o event) bool { return e.at < o.at || e.at == o.at && int32(e.n-o.n) < 0 }

// queue is a 4-ary heap of events by time.
type queue struct {
	heap []event
	n    uint32
}

func (q *queue) push(e event) {
	q.n++
	e.n = q.n
	q.heap = append(q.heap, e)
	i := len(q.heap) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(q.heap[parent]) {
			break
		}
		q.heap[i] = q.heap[parent]
		i = parent
	}
	q.heap[i] = e
}

// pop takes the earliest event; the queue must not be empty.
func (q *queue) pop() event {
	top := q.heap[0]
	last := q.heap[len(q.heap)-1]
	q.heap = q.heap[:len(q.heap)-1]
	n := len(q.heap)
	if n == 0 {
		return top
	}
	i := 0
	for {
		child := 4*i + 1
		if child >= n {
			break
		}
		least := child
		for c := child + 1; c < min(child+4, n); c++ {
			if q.heap[c].before(q.heap[least]) {
				least = c
			}
		}
		if !q.heap[least].before(last) {
			break
		}
		q.heap[i] = q.heap[least]
		i = least
	}
	q.heap[i] = last
	return top
}

// pool hands out slots by number and takes them back. Slots never move.
type pool[T any] struct {
	pages [][]T
	free  []uint32
	next  uint32
}

const pageSize = 1024

func (p *pool[T]) take() uint32 {
	if n := len(p.free); n > 0 {
		id := p.free[n-1]
		p.free = p.free[:n-1]
		return id
	}
	id := p.next
	p.next++
	if int(id/pageSize) == len(p.pages) {
		p.pages = append(p.pages, make([]T, pageSize))
	}
	return id
}

func (p *pool[T]) at(id uint32) *T { return &p.pages[id/pageSize][id%pageSize] }

func (p *pool[T]) give(id uint32) { p.free = append(p.free, id) }
