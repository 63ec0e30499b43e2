// SPDX-License-Identifier: MIT
//
// The part that the programs of all implementations share: the choice of a row, and how it is
// measured.
#ifndef BENCH_HPP
#define BENCH_HPP

#include <vector>

#include "work.hpp"

enum class Transport { tcp, uds };

struct Work {
    Transport transport;
    size_t items; // to measure, without the warm-up
    size_t peers; // connections
};

using Run = void (*)(const Work &);

/** Values in and out of memory; without a connection. */
struct VariantRows {
    Run encode_dictionary, decode_dictionary, encode_packed, decode_packed;
};

/** Many connections, each with messages to an echo server; and connections that come and go. */
struct ServedRows {
    Run trips, idle, connects, accepts;
};

/** Over TLS, as the partner's server. */
struct TlsRows {
    Run ping_pong, bulk_in, bulk_out, idle;
};

/** Each does one row's work. nullptr where the implementation has no such row. */
struct Rows {
    Run get_u32, put_u32, ping_pong, bulk_in, bulk_out;
    Run frames;                                   // of many peers
    Run count_get, count_put, count_try_get;      // for callgrind
    const char *why_no_frames = "it has no loop"; // when they are nullptr
    // Values in and out of bytes at hand. nullptr: get_u32 and put_u32 do so already.
    Run span_u32 = nullptr, block_u32 = nullptr;
    VariantRows variants = {}; // all or none
    ServedRows served = {};
    TlsRows tls = {}; // without OpenSSL: none
};

/** The whole main(): PROGRAM ROW TRANSPORT ITEMS PEERS. Status 69: there is no such row. */
int run_row(int p_argc, char **p_argv, const Rows &p_rows);

/** Ends the program after a failure that should never happen. */
void check(bool p_good, const char *p_what);

/**
 * Measures the processor time of each item, without waiting, the elapsed time, the context switches
 * and the allocations.
 */
class Meter {
  public:
    explicit Meter(const Work &p_work) : items_(p_work.items) {}

    /** Counts finished items. Returns false, and prints the figures, when there are enough. */
    bool add(size_t p_items);

  private:
    size_t items_;
    size_t seen_ = 0;
    size_t begin_ = 0; // how many were seen when all was warm
    uint64_t processor_ = 0, time_ = 0;
    size_t switches_ = 0;
    long blocks_ = 0;
};

/** Measures how long each item takes from begin to end. */
class Samples {
  public:
    explicit Samples(const Work &p_work);
    ~Samples(); // prints them

    void begin() { begin_ = now(); }

    /** false when there are enough. */
    bool end();

  private:
    static uint64_t now();

    size_t to_warm_;
    size_t wanted_;
    uint64_t begin_ = 0;
    std::vector<uint64_t> taken_;
};

/** Lets the partner send a message to some of the peers. When it returns, all have arrived. */
void activate_peers();

/** The port on which the partner accepts connections. */
uint16_t partner_port();

/** Lets the partner connect to this program. */
void tell_partner(uint16_t p_port);

constexpr size_t IDLE_FRAMES = 100; // for each that finds something

/** Measures frames without any event, by the meter. The callable is one frame. */
template <class Frame> void measure_idle(const Work &p_work, Frame &p_frame) {
    Meter meter({p_work.transport, p_work.items * IDLE_FRAMES, p_work.peers});
    do {
        for (size_t i = 0; i < IDLE_FRAMES; i++) {
            p_frame();
        }
    } while (meter.add(IDLE_FRAMES));
}

/** Measures frames with some active peers, by samples. A frame returns the bytes read. */
template <class Frame> void measure_active(const Work &p_work, Frame &p_frame) {
    Samples samples(p_work);
    do {
        activate_peers();
        samples.begin();
        for (size_t bytes = 0; bytes < ACTIVE_PEERS * MESSAGE_BYTES;) {
            bytes += p_frame();
        }
    } while (samples.end());
}

/** Prints the heap bytes of each peer. All are idle, and each was active before. */
void print_memory(const Work &p_work);

/** The whole of a loop with many peers, of which p_frame is one frame. */
template <class Frame> void measure_frames(const Work &p_work, Frame p_frame) {
    measure_idle(p_work, p_frame);
    measure_active(p_work, p_frame);
    print_memory(p_work);
}

/* ---- Values, for implementations that hand out bytes: the code of a hand-written program. All of
   them share it, because compilers vary more in such a loop than the implementations do. */

/** Forces the compiler to compute the value. */
template <class T> inline void keep(const T &p_value) {
    asm volatile("" : : "r"(p_value));
}

/** Forces the compiler to write the memory, and to read it again. */
inline void keep_memory(void *p_memory) {
    asm volatile("" : : "r"(p_memory) : "memory");
}

/** Measures a value that is made again and again, by the meter. */
template <class Make> void measure_values(const Work &p_work, Make p_make) {
    constexpr size_t AT_ONCE = 100; // between two looks at the meter
    Meter meter(p_work);
    do {
        for (size_t i = 0; i < AT_ONCE; i++) {
            p_make();
        }
    } while (meter.add(AT_ONCE));
}

/** Takes all whole values, and returns their number. */
size_t take_values(const uint8_t *p_bytes, size_t p_count);

/** A piece that values are read out of, and the part of a value that is left over. */
class Arrivals {
  public:
    uint8_t *room() { return bytes_ + kept_; }
    size_t room_bytes() const { return sizeof bytes_ - kept_; }

    /** Takes each value out of the kept and the new bytes. Returns their number. */
    size_t take(size_t p_arrived);

  private:
    uint8_t bytes_[PIECE_BYTES];
    size_t kept_ = 0;
};

/** Puts values one by one, until the piece is full. */
void fill_piece(uint8_t (&r_piece)[PIECE_BYTES]);

/* ---- Instructions: callgrind counts what happens inside functions called count_... */

// A function that keeps its name: never inlined, and never cloned for constant arguments.
#ifdef __clang__
#define COUNTED extern "C" __attribute__((noinline))
#else
#define COUNTED extern "C" __attribute__((noipa))
#endif

/** A socket pair with both ends in this program, so that each count repeats exactly. */
struct OwnPair {
    OwnPair();
    void feed_piece();
    void drain_piece();
    int fds[2];
};

#endif
