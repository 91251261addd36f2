/*
 * From JPEG to JPEG without pixels: reads the DCT coefficients, rounds them to the tables of the asked quality,
 * and writes them. It takes what is plain and sound and leaves the rest; it judges nothing.
 *
 * The file may be hostile. Every error and every warning of libjpeg leaves by one longjmp, after which both of
 * its objects are destroyed, and with them all memory. There is no state outside the call, no stream, no signal.
 */
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h> /* jpeglib.h wants it */
#include <string.h>
#include <time.h>

#include <jpeglib.h>

#ifndef LIBJPEG_TURBO_VERSION
#error "this is about libjpeg-turbo's arrays of coefficients; others' may be laid out otherwise"
#endif

/* On x86-64 the loader chooses, of two ways to the same whole numbers, the one with the wider registers. */
#ifndef FOR_WIDER_REGISTERS
#if defined(__x86_64__) && defined(__GLIBC__) && __has_attribute(target_clones)
#define FOR_WIDER_REGISTERS __attribute__((target_clones("avx2", "default")))
#else
#define FOR_WIDER_REGISTERS
#endif
#endif

#define MOST_LEVEL 1023 /* of a coefficient: the standard Huffman tables of eight-bit files end there */
#define FARTHEST 2047 /* times its step: twice what pixels make. What is shown beyond depends on the decoder */

struct work {
    struct jpeg_decompress_struct reader;
    struct jpeg_compress_struct writer;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    struct jpeg_destination_mgr destination;
    jmp_buf way_out;
    const unsigned char *data;
    size_t data_bytes;
    unsigned int width, height;
    int quality, most_scans;
    long most_memory_bytes;
    double *reading_seconds;
};

static void leave(j_common_ptr object)
{
    struct work *work = object->client_data;
    longjmp(work->way_out, 1);
}

static void leave_if_warned(j_common_ptr object, int level)
{
    if (level < 0)
        leave(object);
}

static void say_nothing(j_common_ptr object)
{
    (void)object;
}

static void limit_scans(j_common_ptr object)
{
    const struct work *work = object->client_data;
    if (work->reader.input_scan_number > work->most_scans)
        leave(object);
}

static void no_more_to_do(j_compress_ptr writer)
{
    (void)writer;
}

static boolean leave_when_full(j_compress_ptr writer)
{
    leave((j_common_ptr)writer);
    return FALSE;
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int is_sampled(const jpeg_component_info *component, int times)
{
    return component->h_samp_factor == times && component->v_samp_factor == times;
}

/* Grey, or YCbCr 4:2:0: other samplings would have to be brought to that, which takes pixels. */
static int is_laid_out_as_written(const struct jpeg_decompress_struct *reader)
{
    const jpeg_component_info *components = reader->comp_info;
    switch (reader->jpeg_color_space) {
    case JCS_GRAYSCALE:
        return reader->num_components == 1;
    case JCS_YCbCr:
        return reader->num_components == 3 && is_sampled(&components[0], 2) && is_sampled(&components[1], 1) &&
               is_sampled(&components[2], 1);
    default:
        return 0;
    }
}

/* A scan that never came leaves a component without a table, or bits of a progressive file unknown. */
static int is_complete(const struct jpeg_decompress_struct *reader)
{
    for (int number = 0; number < reader->num_components; number++) {
        if (reader->comp_info[number].quant_table == NULL)
            return 0;
        for (int place = 0; reader->coef_bits != NULL && place < DCTSIZE2; place++)
            if (reader->coef_bits[number][place] != 0)
                return 0;
    }
    return 1;
}

static jvirt_barray_ptr *read_coefficients(struct work *work)
{
    j_decompress_ptr reader = &work->reader;
    jpeg_create_decompress(reader);
    reader->mem->max_memory_to_use = work->most_memory_bytes;
    reader->progress = &work->progress;
    jpeg_mem_src(reader, work->data, work->data_bytes);
    jpeg_read_header(reader, TRUE);
    if (reader->image_width != work->width || reader->image_height != work->height ||
        reader->data_precision != 8 || reader->arith_code || !is_laid_out_as_written(reader))
        leave((j_common_ptr)reader);
    jvirt_barray_ptr *coefficients = jpeg_read_coefficients(reader);
    if (!is_complete(reader))
        leave((j_common_ptr)reader);
    return coefficients;
}

static void prepare_writer(struct work *work)
{
    j_compress_ptr writer = &work->writer;
    jpeg_create_compress(writer);
    writer->dest = &work->destination;
    writer->image_width = work->reader.image_width;
    writer->image_height = work->reader.image_height;
    writer->input_components = work->reader.num_components;
    writer->in_color_space = work->reader.jpeg_color_space;
    jpeg_set_defaults(writer);
    jpeg_set_quality(writer, work->quality, TRUE);
}

/*
 * How the levels of a component become those of another table, in 16 bits, so that one instruction does eight:
 * (|level| * lift) * factor >> 16 is twice the new one. Factors are rounded down and never exact: what lies
 * half-way between two levels becomes the smaller, which is as near and takes fewer bits.
 */
struct rescaling {
    int16_t most[DCTSIZE2]; /* nothing overflows, whatever the file says */
    uint16_t lifts[DCTSIZE2];
    uint16_t factors[DCTSIZE2];
};

static void plan_rescaling(struct work *work, struct rescaling *rescaling, const JQUANT_TBL *from,
                           const JQUANT_TBL *to)
{
    for (int place = 0; place < DCTSIZE2; place++) {
        uint32_t old_step = from->quantval[place], new_step = to->quantval[place];
        if (old_step == 0 || old_step > UINT8_MAX)
            leave((j_common_ptr)&work->reader);
        int shift = 17;
        while (((old_step << shift) - 1) / new_step > UINT16_MAX)
            shift--;
        uint32_t farthest = MOST_LEVEL * new_step < FARTHEST ? MOST_LEVEL * new_step : FARTHEST;
        rescaling->most[place] = (int16_t)(farthest / old_step);
        rescaling->lifts[place] = (uint16_t)(1U << (17 - shift));
        rescaling->factors[place] = (uint16_t)(((old_step << shift) - 1) / new_step);
    }
}

/* Not 0 where a level was beyond the most, and is spoiled now. */
static uint16_t rescale(JCOEF *restrict block, const struct rescaling *restrict rescaling)
{
    uint16_t beyond = 0;
    for (int place = 0; place < DCTSIZE2; place++) {
        int16_t most = rescaling->most[place], least = (int16_t)-most, came = block[place], level = came;
        level = level < most ? level : most;
        level = level > least ? level : least;
        beyond |= (uint16_t)(level ^ came);
        int16_t sign = (int16_t)(level >> 15);
        uint16_t size = (uint16_t)((level ^ sign) - sign);
        uint16_t lifted = (uint16_t)(size * rescaling->lifts[place]);
        uint16_t twice = (uint16_t)(((uint32_t)lifted * (uint32_t)rescaling->factors[place]) >> 16);
        uint16_t once = (uint16_t)((uint16_t)(twice + 1) >> 1);
        block[place] = (JCOEF)((once ^ sign) - sign);
    }
    return beyond;
}

FOR_WIDER_REGISTERS
static void requantise_component(struct work *work, int number, jvirt_barray_ptr coefficients)
{
    j_decompress_ptr reader = &work->reader;
    const jpeg_component_info *component = &reader->comp_info[number];
    struct rescaling rescaling;
    uint16_t beyond = 0;
    plan_rescaling(work, &rescaling, component->quant_table,
                   work->writer.quant_tbl_ptrs[work->writer.comp_info[number].quant_tbl_no]);
    for (JDIMENSION row = 0; row < component->height_in_blocks; row++) {
        JBLOCKARRAY blocks =
            reader->mem->access_virt_barray((j_common_ptr)reader, coefficients, row, 1, TRUE);
        for (JDIMENSION column = 0; column < component->width_in_blocks; column++)
            beyond |= rescale(blocks[0][column], &rescaling);
        if (beyond)
            leave((j_common_ptr)reader);
    }
}

/* Apart from its caller, so that what the caller holds is certain after a longjmp. */
static int attempt(struct work *work)
{
    if (setjmp(work->way_out) != 0)
        return 0;
    double started = seconds_now();
    jvirt_barray_ptr *coefficients = read_coefficients(work);
    *work->reading_seconds = seconds_now() - started;
    prepare_writer(work);
    for (int number = 0; number < work->reader.num_components; number++)
        requantise_component(work, number, coefficients[number]);
    jpeg_write_coefficients(&work->writer, coefficients);
    jpeg_finish_compress(&work->writer);
    return 1;
}

/*
 * How many bytes of output were written; 0 where the file is left to another way. Its picture must be of the size
 * that the caller has held to its limits. `reading_seconds` becomes what reading the coefficients took.
 */
size_t requantise(const unsigned char *data, size_t data_bytes, unsigned int width, unsigned int height,
                  int quality, int most_scans, long most_memory_bytes, unsigned char *output,
                  size_t output_bytes, double *reading_seconds)
{
    struct work work;
    memset(&work, 0, sizeof work);
    work.data = data;
    work.data_bytes = data_bytes;
    work.width = width;
    work.height = height;
    work.quality = quality;
    work.most_scans = most_scans;
    work.most_memory_bytes = most_memory_bytes;
    work.reading_seconds = reading_seconds;
    work.reader.err = work.writer.err = jpeg_std_error(&work.errors);
    work.reader.client_data = work.writer.client_data = &work;
    work.errors.error_exit = leave;
    work.errors.emit_message = leave_if_warned;
    work.errors.output_message = say_nothing;
    work.progress.progress_monitor = limit_scans;
    work.destination.next_output_byte = output;
    work.destination.free_in_buffer = output_bytes;
    work.destination.init_destination = no_more_to_do;
    work.destination.empty_output_buffer = leave_when_full;
    work.destination.term_destination = no_more_to_do;

    int is_written = output_bytes > 0 && attempt(&work); /* libjpeg looks for room only after a byte */
    jpeg_destroy_compress(&work.writer);
    jpeg_destroy_decompress(&work.reader);
    return is_written ? output_bytes - work.destination.free_in_buffer : 0;
}
