// SPDX-License-Identifier: MIT
//
// Variants in and out of memory, by the writer and the reader of the C library.
#include <vector>

#include "core.hpp"

namespace {

class Writer {
  public:
    Writer() {
        writer_.struct_size = sizeof writer_;
        check(sps_variant_writer_init(&writer_, nullptr));
    }
    ~Writer() { sps_variant_writer_destroy(&writer_); }
    Writer(const Writer &) = delete;
    Writer &operator=(const Writer &) = delete;

    // Begins a new value, in the memory of the previous one.
    sps_variant_writer *begin() {
        sps_variant_writer_reset(&writer_);
        return &writer_;
    }

    std::vector<uint8_t> bytes() const {
        const uint8_t *data;
        size_t count;
        check(sps_variant_writer_get_data(&writer_, &data, &count));
        return {data, data + count};
    }

  private:
    sps_variant_writer writer_;
};

/** Whether all of many calls were OK, with one look at the end. */
class Answers {
  public:
    void operator+=(sps_error p_error) { all_ |= p_error; }
    void check_all() const { check(all_ == SPS_OK ? SPS_OK : SPS_FAILED); }

  private:
    sps_error all_ = SPS_OK;
};

void write_text(sps_variant_writer *p_writer, const char *p_text, size_t p_bytes, Answers &r_all) {
    r_all += sps_variant_write_string(p_writer, p_text, p_bytes);
}

void write_dictionary(Writer &r_writer, const std::vector<float> &p_samples) {
    static const double at[] = {1.5, -2.25, 100};
    sps_variant_writer *writer = r_writer.begin();
    Answers all;
    all += sps_variant_write_dictionary(writer, 5, nullptr, nullptr);
    write_text(writer, "id", 2, all);
    all += sps_variant_write_int(writer, 123456);
    write_text(writer, "name", 4, all);
    write_text(writer, "player", 6, all);
    write_text(writer, "at", 2, all);
    all += sps_variant_write_reals(writer, SPS_VARIANT_VECTOR3, at);
    write_text(writer, "samples", 7, all);
    all += sps_variant_write_array(writer, static_cast<uint32_t>(p_samples.size()), nullptr);
    for (const float sample : p_samples) {
        all += sps_variant_write_float(writer, static_cast<double>(sample));
    }
    write_text(writer, "alive", 5, all);
    all += sps_variant_write_bool(writer, 1);
    all.check_all();
}

// Reads like a program that knows the expected value: it looks at each item.
void read_dictionary(const std::vector<uint8_t> &p_bytes) {
    sps_variant_reader reader;
    reader.struct_size = sizeof reader;
    sps_variant_item item;
    item.struct_size = sizeof item;
    check(sps_variant_reader_init(&reader, p_bytes.data(), p_bytes.size(), nullptr));
    sps_error error;
    while ((error = sps_variant_reader_next(&reader, &item)) == SPS_OK) {
        if (item.type == SPS_VARIANT_VECTOR3) {
            double at[3];
            check(sps_variant_get_reals(&item, 0, 3, at));
            keep(at[2]);
        } else if (item.type == SPS_VARIANT_FLOAT) {
            keep(item.real);
        } else {
            keep(item.data);
            keep(item.integer);
        }
    }
    check(error == SPS_ERR_FILE_EOF ? SPS_OK : error);
}

std::vector<float> samples(size_t p_count) {
    std::vector<float> made;
    for (size_t i = 0; i < p_count; i++) {
        made.push_back(static_cast<float>(i) / 2);
    }
    return made;
}

std::vector<uint8_t> dictionary() {
    Writer writer;
    write_dictionary(writer, samples(DICTIONARY_SAMPLES));
    std::vector<uint8_t> bytes = writer.bytes();
    check(bytes.size() == DICTIONARY_BYTES, "the dictionary's size");
    return bytes;
}

void write_packed(Writer &r_writer, const std::vector<float> &p_values) {
    check(sps_variant_write_packed(r_writer.begin(), SPS_VARIANT_PACKED_FLOAT32_ARRAY,
                                   p_values.data(), static_cast<uint32_t>(p_values.size())));
}

void encode_dictionary(const Work &p_work) {
    Writer writer;
    const std::vector<float> values = samples(DICTIONARY_SAMPLES);
    measure_values(p_work, [&] { write_dictionary(writer, values); });
}

void decode_dictionary(const Work &p_work) {
    const std::vector<uint8_t> bytes = dictionary();
    measure_values(p_work, [&] { read_dictionary(bytes); });
}

void encode_packed(const Work &p_work) {
    Writer writer;
    const std::vector<float> values = samples(PACKED_BYTES / sizeof(float));
    measure_values(p_work, [&] { write_packed(writer, values); });
}

void decode_packed(const Work &p_work) {
    Writer writer;
    std::vector<float> values = samples(PACKED_BYTES / sizeof(float));
    write_packed(writer, values);
    const std::vector<uint8_t> bytes = writer.bytes();
    measure_values(p_work, [&] {
        sps_variant_reader reader;
        reader.struct_size = sizeof reader;
        sps_variant_item item;
        item.struct_size = sizeof item;
        check(sps_variant_reader_init(&reader, bytes.data(), bytes.size(), nullptr));
        check(sps_variant_reader_next(&reader, &item));
        check(sps_variant_get_floats(&item, 0, item.count, values.data()));
        keep_memory(values.data());
    });
}

} // namespace

const VariantRows core_variants = {encode_dictionary, decode_dictionary, encode_packed,
                                   decode_packed};
