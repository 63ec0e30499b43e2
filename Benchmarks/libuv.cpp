// SPDX-License-Identifier: MIT
//
// libuv as its users write it: callbacks on one loop, and reads into one buffer that is kept. A
// write tries uv_try_write first, and uv_write only for the rest (libuv's guide, "Writing to a
// stream").
#include <memory>

#include "libuv.hpp"
#include "tls.hpp"

namespace {

// A reader has room(), room_bytes() and read(bytes), which returns false when it has enough.
template <class Reader> void read_with(const Work &p_work, Reader &r_reader) {
    uv_loop_t *loop = uv_default_loop();
    Peer peer(loop, p_work.transport, FIRST_FD);
    const auto alloc = [](uv_handle_t *p_handle, size_t, uv_buf_t *r_buffer) {
        auto *reader = static_cast<Reader *>(p_handle->data);
        *r_buffer = uv_buf_init(reinterpret_cast<char *>(reader->room()),
                                static_cast<unsigned>(reader->room_bytes()));
    };
    const auto read = [](uv_stream_t *p_stream, ssize_t p_count, const uv_buf_t *) {
        check_uv(static_cast<int>(p_count), "read");
        auto *reader = static_cast<Reader *>(p_stream->data);
        if (p_count > 0 && !reader->read(p_stream, static_cast<size_t>(p_count))) {
            uv_read_stop(p_stream); // nothing is left for the loop to do
        }
    };
    peer.read_start(&r_reader, alloc, read);
    r_reader.begin(peer.stream());
    uv_run(loop, UV_RUN_DEFAULT);
}

struct ValueReader {
    explicit ValueReader(const Work &p_work) : meter(p_work) {}
    void begin(uv_stream_t *) {}
    uint8_t *room() { return arrivals.room(); }
    size_t room_bytes() const { return arrivals.room_bytes(); }
    bool read(uv_stream_t *, size_t p_count) { return meter.add(arrivals.take(p_count)); }
    Meter meter;
    Arrivals arrivals;
};

// Gathers received bytes in one place until it is full.
template <size_t BYTES> struct Gathered {
    uint8_t *room() { return bytes + count; }
    size_t room_bytes() const { return sizeof bytes - count; }
    bool is_full(size_t p_arrived) {
        count += p_arrived;
        if (count < sizeof bytes) {
            return false;
        }
        count = 0;
        return true;
    }
    uint8_t bytes[BYTES] = {};
    size_t count = 0;
};

struct PieceReader : Gathered<PIECE_BYTES> {
    explicit PieceReader(const Work &p_work) : meter(p_work) {}
    void begin(uv_stream_t *) {}
    bool read(uv_stream_t *, size_t p_count) { return !is_full(p_count) || meter.add(1); }
    Meter meter;
};

struct Pinger : Gathered<MESSAGE_BYTES> {
    explicit Pinger(const Work &p_work) : samples(p_work) {}

    void begin(uv_stream_t *p_stream) {
        samples.begin();
        write_all(p_stream, bytes, sizeof bytes);
    }

    bool read(uv_stream_t *p_stream, size_t p_count) {
        if (!is_full(p_count)) {
            return true;
        }
        if (!samples.end()) {
            return false;
        }
        begin(p_stream);
        return true;
    }

    Samples samples;
};

template <class Reader> void read_row(const Work &p_work) {
    const auto reader = std::make_unique<Reader>(p_work);
    read_with(p_work, *reader);
}

void put_u32(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    Peer peer(uv_default_loop(), p_work.transport, FIRST_FD);
    Meter meter(p_work);
    do {
        fill_piece(piece);
        write_all(peer.stream(), piece, sizeof piece);
    } while (meter.add(VALUES));
}

void bulk_out(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    Peer peer(uv_default_loop(), p_work.transport, FIRST_FD);
    Meter meter(p_work);
    do {
        write_all(peer.stream(), piece, sizeof piece);
    } while (meter.add(1));
}

/* ---- Frames */

// Many peers on one loop, which all read into one buffer.
class Crowd {
  public:
    explicit Crowd(const Work &p_work) {
        for (size_t i = 0; i < p_work.peers; i++) {
            const int fd = FIRST_FD + static_cast<int>(i);
            peers_.push_back(std::make_unique<Peer>(loop_, p_work.transport, fd));
            peers_.back()->read_start(this, give_buffer, count_bytes);
        }
    }

    size_t frame() {
        bytes_ = 0;
        uv_run(loop_, UV_RUN_NOWAIT);
        return bytes_;
    }

  private:
    static void give_buffer(uv_handle_t *, size_t, uv_buf_t *r_buffer) {
        static char buffer[PIECE_BYTES];
        *r_buffer = uv_buf_init(buffer, sizeof buffer);
    }

    static void count_bytes(uv_stream_t *p_stream, ssize_t p_count, const uv_buf_t *) {
        check_uv(static_cast<int>(p_count), "read");
        static_cast<Crowd *>(p_stream->data)->bytes_ += static_cast<size_t>(p_count);
    }

    uv_loop_t *loop_ = uv_default_loop();
    std::vector<std::unique_ptr<Peer>> peers_;
    size_t bytes_ = 0;
};

void frames(const Work &p_work) {
    Crowd crowd(p_work);
    measure_frames(p_work, [&] { return crowd.frame(); });
}

} // namespace

int main(int argc, char **argv) {
    Rows rows = {read_row<ValueReader>,
                 put_u32,
                 read_row<Pinger>,
                 read_row<PieceReader>,
                 bulk_out,
                 frames,
                 nullptr,
                 nullptr,
                 nullptr};
    rows.tls = tls_rows;
    return run_row(argc, argv, rows);
}
