import django
from apig_wsgi import make_lambda_handler
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse
from django.urls import path

from caller import BYTES, ORIGIN, describe

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="only-for-this-machine")
django.setup()


def caller(request):
    event = request.META["apig_wsgi.full_event"]
    return allowed(JsonResponse(describe(event, request.path, request.GET.getlist("tag"))))


def cookies(request):
    response = JsonResponse(request.COOKIES)
    response.set_cookie("first", "1")
    response.set_cookie("second", "2")
    return allowed(response)


def binary(request):
    return allowed(HttpResponse(BYTES, content_type="application/octet-stream"))


def length(request):
    return allowed(JsonResponse(len(request.body), safe=False))


def allowed(response):
    response["Access-Control-Allow-Origin"] = ORIGIN
    return response


urlpatterns = [path(f"django/{view.__name__}", view) for view in (caller, cookies, binary, length)]
handler = make_lambda_handler(get_wsgi_application(), binary_support=True)
