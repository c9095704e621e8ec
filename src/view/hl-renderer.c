#include "config.h"

#include "hl-renderer.h"

#include <math.h>

/* Cairo's image surfaces end at 32,767 pixels a side; graphics cards' textures often at 16,384. */
#define MAX_SIDE 8192
/* Pixels of one texture, four bytes each. */
#define MAX_PIXELS (16 * 1024 * 1024)

typedef struct
{
  HlRenderRequest  request;
  GCancellable    *cancellable;
} Job;

/* Reference counted: by the view, by the pool's queue and by a delivery under way. */
struct _HlRenderer
{
  HlRenderDelivery deliver;   /* NULL once the view has let go; main thread only */
  gpointer         user_data;

  GMutex           lock;      /* for all below */
  Job             *waiting;
  GCancellable    *running;   /* of the job in the worker, not yet delivered */
  gint64           cost;      /* of the last job, µs */
};

typedef struct
{
  HlRenderer     *renderer;
  GCancellable   *cancellable;
  HlRenderResult  result;
} Delivery;

static void
job_free (Job *job)
{
  g_clear_pointer (&job->request.figure, hl_figure_unref);
  g_clear_pointer (&job->request.former, hl_figure_unref);
  g_clear_pointer (&job->request.state, hl_state_unref);
  g_clear_pointer (&job->request.style, hl_style_unref);
  g_clear_object (&job->cancellable);
  g_free (job);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Job, job_free)

static Job *
job_new (const HlRenderRequest *request)
{
  Job *job = g_new0 (Job, 1);

  job->request = *request;
  job->request.figure = request->figure ? hl_figure_ref (request->figure) : NULL;
  job->request.former = request->former ? hl_figure_ref (request->former) : NULL;
  job->request.state = request->state ? hl_state_ref (request->state) : NULL;
  job->request.style = request->style ? hl_style_ref (request->style) : NULL;
  job->cancellable = g_cancellable_new ();

  return job;
}

static void
renderer_clear (gpointer data)
{
  HlRenderer *self = data;

  g_clear_pointer (&self->waiting, job_free);
  g_clear_object (&self->running);
  g_mutex_clear (&self->lock);
}

static void
renderer_unref (HlRenderer *self)
{
  g_atomic_rc_box_release_full (self, renderer_clear);
}

static void
delivery_free (gpointer data)
{
  Delivery *delivery = data;

  g_clear_pointer (&delivery->result.figure, hl_figure_unref);
  g_clear_pointer (&delivery->result.picture, hl_picture_unref);
  g_free (delivery->result.summary);
  g_object_unref (delivery->cancellable);
  renderer_unref (delivery->renderer);
  g_free (delivery);
}

static gboolean
deliver_cb (gpointer data)
{
  Delivery *delivery = data;
  HlRenderer *self = delivery->renderer;

  g_mutex_lock (&self->lock);
  if (self->running == delivery->cancellable)
    g_clear_object (&self->running);
  g_mutex_unlock (&self->lock);

  if (self->deliver && delivery->result.figure && !g_cancellable_is_cancelled (delivery->cancellable))
    self->deliver (&delivery->result, self->user_data);

  return G_SOURCE_REMOVE;
}

static void
widen (double *start, double *length, double room, double limit)
{
  double margin = CLAMP ((limit - *length) / 2, 0, *length / 2);
  double end = MIN (ceil (*start + *length + margin), ceil (room));

  *start = MAX (floor (*start - margin), 0);
  *length = MAX (end - *start, 1);
}

HlRect
hl_renderer_region (const HlRect *visible, double width, double height, int scale)
{
  HlRect region = *visible;
  double max_side = MAX_SIDE / (double) scale;
  double max_area = MAX_PIXELS / ((double) scale * scale);

  region.x = CLAMP (region.x, 0, MAX (width - region.width, 0));
  region.y = CLAMP (region.y, 0, MAX (height - region.height, 0));
  region.width = MIN (MIN (region.width, width), max_side);
  region.height = MIN (MIN (region.height, height), max_side);

  widen (&region.x, &region.width, width, max_side);
  widen (&region.y, &region.height, height, MIN (max_side, max_area / region.width));

  return region;
}

static HlPicture *
rasterise (HlFigure *figure, const HlRect *region, int scale)
{
  cairo_surface_t *surface;
  cairo_t *cr;

  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int) region->width * scale, (int) region->height * scale);
  cairo_surface_set_device_scale (surface, scale, scale);
  cr = cairo_create (surface);
  cairo_translate (cr, -region->x, -region->y);
  hl_figure_draw (figure, cr, region);
  cairo_destroy (cr);

  return hl_picture_new (surface, 0, 0, cairo_image_surface_get_width (surface),
                         cairo_image_surface_get_height (surface));
}

static void
perform (Job *job, HlRenderResult *result)
{
  const HlRenderRequest *request = &job->request;
  g_autoptr (HlFigure) figure = NULL;

  if (request->figure)
    figure = hl_figure_ref (request->figure);
  else
    figure = hl_figure_rebuild (request->former, request->view, request->state, request->style, request->width,
                                request->height, job->cancellable);

  if (figure == NULL || g_cancellable_is_cancelled (job->cancellable))
    return;

  result->region = hl_renderer_region (&request->visible, hl_figure_get_width (figure), hl_figure_get_height (figure),
                                       request->scale);
  result->scale = request->scale;
  result->picture = rasterise (figure, &result->region, request->scale);
  result->rebuilt = request->figure == NULL;
  if (result->rebuilt)
    result->summary = hl_figure_summarise (figure);
  result->figure = g_steal_pointer (&figure);
}

static void
work (gpointer data, gpointer user_data)
{
  HlRenderer *self = data;
  g_autoptr (Job) job = NULL;
  g_autoptr (GSource) source = NULL;
  Delivery *delivery;
  gint64 start = g_get_monotonic_time ();

  g_mutex_lock (&self->lock);
  job = g_steal_pointer (&self->waiting);
  if (job)
    g_set_object (&self->running, job->cancellable);
  g_mutex_unlock (&self->lock);

  if (job == NULL)
    {
      renderer_unref (self);
      return;
    }

  delivery = g_new0 (Delivery, 1);
  delivery->renderer = self;
  delivery->cancellable = g_object_ref (job->cancellable);
  perform (job, &delivery->result);

  g_mutex_lock (&self->lock);
  self->cost = g_get_monotonic_time () - start;
  g_mutex_unlock (&self->lock);

  /* Not g_main_context_invoke(): that would call back in this thread while the main context has no owner. */
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_HIGH_IDLE);
  g_source_set_callback (source, deliver_cb, delivery, delivery_free);
  g_source_attach (source, NULL);
}

static int
compare_cost (gconstpointer a, gconstpointer b, gpointer user_data)
{
  gint64 costs[2];

  for (int i = 0; i < 2; i++)
    {
      HlRenderer *renderer = (HlRenderer *) (i == 0 ? a : b);

      g_mutex_lock (&renderer->lock);
      costs[i] = renderer->cost;
      g_mutex_unlock (&renderer->lock);
    }

  return costs[0] < costs[1] ? -1 : costs[0] > costs[1];
}

static GThreadPool *
get_pool (void)
{
  static gsize pool;

  if (g_once_init_enter (&pool))
    {
      GThreadPool *new_pool = g_thread_pool_new (work, NULL, 1, FALSE, NULL);

      g_thread_pool_set_sort_function (new_pool, compare_cost, NULL);
      g_once_init_leave (&pool, GPOINTER_TO_SIZE (new_pool));
    }

  return GSIZE_TO_POINTER (pool);
}

HlRenderer *
hl_renderer_new (HlRenderDelivery deliver, gpointer user_data)
{
  HlRenderer *self = g_atomic_rc_box_new0 (HlRenderer);

  g_mutex_init (&self->lock);
  self->deliver = deliver;
  self->user_data = user_data;

  return self;
}

void
hl_renderer_free (HlRenderer *self)
{
  hl_renderer_cancel (self);
  self->deliver = NULL;
  renderer_unref (self);
}

void
hl_renderer_request (HlRenderer *self, const HlRenderRequest *request, gboolean abandon)
{
  g_autoptr (Job) replaced = NULL;

  g_mutex_lock (&self->lock);
  if (abandon && self->running)
    g_cancellable_cancel (self->running);
  replaced = g_steal_pointer (&self->waiting);
  self->waiting = job_new (request);
  g_mutex_unlock (&self->lock);

  /* A job that is replaced keeps its place in the queue. */
  if (replaced == NULL)
    g_thread_pool_push (get_pool (), g_atomic_rc_box_acquire (self), NULL);
}

void
hl_renderer_cancel (HlRenderer *self)
{
  g_autoptr (Job) dropped = NULL;

  g_mutex_lock (&self->lock);
  dropped = g_steal_pointer (&self->waiting);
  if (self->running)
    g_cancellable_cancel (self->running);
  g_mutex_unlock (&self->lock);
}

gboolean
hl_renderer_is_busy (HlRenderer *self)
{
  gboolean busy;

  g_mutex_lock (&self->lock);
  busy = self->waiting != NULL || (self->running && !g_cancellable_is_cancelled (self->running));
  g_mutex_unlock (&self->lock);

  return busy;
}
